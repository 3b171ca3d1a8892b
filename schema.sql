-- Maru's whole schema. Run it any number of times, on an empty or an older database:
--
--   mariadb maru < schema.sql
--
-- Section 1 creates today's tables where they are missing, section 2 brings older ones up to date,
-- section 3 replaces the procedures. maru-api refuses to start on another version and names this file.
-- Times are UTC. Words that are compared as bytes have a _bin collation.

-- ---- 1. tables ---------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS meta (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  version INT UNSIGNED NOT NULL
) ENGINE=InnoDB;

-- seen_at: when the last connection ended; last_seen: whether others are told. Who is to appear offline
-- is not present anywhere.
CREATE TABLE IF NOT EXISTS user (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nickname VARCHAR(30) NOT NULL,
  password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  appear ENUM('online', 'offline') NOT NULL DEFAULT 'online',
  last_seen ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  seen_at DATETIME(3) NULL,
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row per login. Its access tokens name it, its refresh tokens belong to it; without the row
-- all of them are dead.
CREATE TABLE IF NOT EXISTS session (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  agent VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  seen_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  KEY user (user),
  KEY expires_at (expires_at),
  CONSTRAINT session_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Only the SHA-256 of a refresh token is known. A used one stays, so that its second use is seen
-- for what it is: somebody has a copy.
CREATE TABLE IF NOT EXISTS refresh_token (
  hash BINARY(32) NOT NULL PRIMARY KEY,
  session BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  used_at DATETIME(3) NULL,
  KEY session (session, used_at),
  CONSTRAINT refresh_token_session FOREIGN KEY (session) REFERENCES session (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- The counters. A stream is a room (kind 1), a user (2), the lobby (3, id 0) or what only
-- maru-push listens to (4, id 0: sessions that ended). Whatever happens in
-- a stream first takes the next seq here; the row lock makes commit order = seq order. mid is the last
-- event's: whoever takes the next seq tells it along, so that each event names the one before it.
CREATE TABLE IF NOT EXISTS stream (
  kind TINYINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  head BIGINT UNSIGNED NOT NULL DEFAULT 0,
  mid BIGINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id)
) ENGINE=InnoDB;

-- host is 0 while nobody is: the next who joins becomes it. members is the number of rows in
-- member, kept here because lists show it and joining is limited by it.
CREATE TABLE IF NOT EXISTS room (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind ENUM('public', 'secret', 'group') NOT NULL,
  title VARCHAR(100) NOT NULL,
  description VARCHAR(1000) NOT NULL DEFAULT '',
  password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  host BIGINT UNSIGNED NOT NULL,
  members INT UNSIGNED NOT NULL DEFAULT 0,
  max_members INT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  listed TINYINT(1) AS (kind <> 'group') PERSISTENT,
  KEY listed (listed, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS member (
  room BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  joined_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, user),
  KEY user (user, room),
  KEY eldest (room, joined_at, user),
  CONSTRAINT member_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Who may not come into a room, until a time or (NULL) for good. known: the room had met the person,
-- so that the ban may tell their name.
CREATE TABLE IF NOT EXISTS ban (
  room BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  reason VARCHAR(200) NOT NULL,
  until DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  known TINYINT(1) NOT NULL,
  PRIMARY KEY (room, user),
  KEY user (user),
  KEY until (room, until),
  CONSTRAINT ban_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A message is the event `seq` of its room. No foreign keys: they would lock rows of three other
-- tables for each message. rev is the seq of the event that last changed it, NULL while none did;
-- original is then the SHA-256 of the body it was sent with, so that a repeated send is still
-- recognised. A deleted message keeps its row, without its body.
CREATE TABLE IF NOT EXISTS message (
  room BIGINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  mid BIGINT UNSIGNED NOT NULL,
  sender BIGINT UNSIGNED NOT NULL,
  client_id VARBINARY(64) NOT NULL,
  body VARCHAR(4000) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  reply_to BIGINT UNSIGNED NULL,
  rev BIGINT UNSIGNED NULL,
  edited_at DATETIME(3) NULL,
  deleted_at DATETIME(3) NULL,
  original BINARY(32) NULL,
  PRIMARY KEY (room, seq),
  UNIQUE KEY client_id (room, sender, client_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS reaction (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  emoji VARBINARY(64) NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, message, emoji, user)
) ENGINE=InnoDB;

-- Messages that one person does not want to see any more.
CREATE TABLE IF NOT EXISTS hidden (
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (user, room, message)
) ENGINE=InnoDB;

-- All durable events that are not messages. data is the JSON that was pushed; an event that changed
-- a message names it as target instead, so that no copy outlives a deleted message.
CREATE TABLE IF NOT EXISTS event (
  kind TINYINT UNSIGNED NOT NULL,
  stream BIGINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  mid BIGINT UNSIGNED NOT NULL,
  type VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  data MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  target BIGINT UNSIGNED NULL,
  PRIMARY KEY (kind, stream, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Deleted rooms whose messages are still to be erased; the feeder does it bit by bit (api/purge.c).
CREATE TABLE IF NOT EXISTS purge_room (
  room BIGINT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE=InnoDB;

-- Failed logins and the like, counted per key until a time.
CREATE TABLE IF NOT EXISTS throttle (
  name VARBINARY(120) NOT NULL PRIMARY KEY,
  hits INT UNSIGNED NOT NULL,
  until DATETIME(3) NOT NULL,
  KEY until (until)
) ENGINE=InnoDB;

-- Events for webhook_url that are still to be posted, each as JSON; the feeder stores, the courier posts
-- and deletes (api/courier.c).
CREATE TABLE IF NOT EXISTS hook (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  body MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO stream (kind, id, head) VALUES (3, 0, 0), (4, 0, 0);

-- ---- 2. upgrades -------------------------------------------------------------------------------

-- version 2
ALTER TABLE message
  ADD COLUMN IF NOT EXISTS reply_to BIGINT UNSIGNED NULL,
  ADD COLUMN IF NOT EXISTS rev BIGINT UNSIGNED NULL,
  ADD COLUMN IF NOT EXISTS edited_at DATETIME(3) NULL,
  ADD COLUMN IF NOT EXISTS deleted_at DATETIME(3) NULL,
  ADD COLUMN IF NOT EXISTS original BINARY(32) NULL;
ALTER TABLE event
  ADD COLUMN IF NOT EXISTS target BIGINT UNSIGNED NULL;
ALTER TABLE member
  ADD KEY IF NOT EXISTS eldest (room, joined_at, user);

-- version 3
ALTER TABLE stream
  ADD COLUMN IF NOT EXISTS mid BIGINT UNSIGNED NOT NULL DEFAULT 0; -- 0: not known
ALTER TABLE user
  ADD COLUMN IF NOT EXISTS appear ENUM('online', 'offline') NOT NULL DEFAULT 'online',
  ADD COLUMN IF NOT EXISTS last_seen ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  ADD COLUMN IF NOT EXISTS seen_at DATETIME(3) NULL;

-- ---- 3. procedures -----------------------------------------------------------------------------

DELIMITER //

-- Takes the next seq of a stream for an event with this mid; the row stays locked until the transaction
-- ends. Answers one row: seq, and prev, the mid of the event before; none if there is no such stream.
CREATE OR REPLACE PROCEDURE stream_advance(
  IN p_kind TINYINT UNSIGNED, IN p_id BIGINT UNSIGNED, IN p_mid BIGINT UNSIGNED)
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  UPDATE stream SET head = LAST_INSERT_ID(head + 1), mid = IF((@prev := mid) IS NULL, 0, p_mid)
    WHERE kind = p_kind AND id = p_id;
  SELECT LAST_INSERT_ID() AS seq, @prev AS prev FROM DUAL WHERE ROW_COUNT() > 0;
END//

-- Stores a message in one round trip: session, membership, seq, row, commit. Answers one row:
--   outcome  ok | no_session | not_member | no_reply (there is no message reply_to) |
--            reused (this client_id had another body)
--   seq, mid, created_at of the stored message; a repeated call answers those of the first one.
--   prev     the mid of the event before it; 0 where it is a repeated call
-- The counter is locked before membership is read, so a removal and a message never overtake
-- each other: READ COMMITTED shows the latest state once the lock is held. tests/chaos stops it at the
-- lines with "@".
CREATE OR REPLACE PROCEDURE message_send(
  IN p_user BIGINT UNSIGNED, IN p_session BIGINT UNSIGNED, IN p_room BIGINT UNSIGNED,
  IN p_client_id VARBINARY(64), IN p_body VARCHAR(4000) CHARACTER SET utf8mb4,
  IN p_mid BIGINT UNSIGNED, IN p_reply_to BIGINT UNSIGNED)
  MODIFIES SQL DATA SQL SECURITY INVOKER
send: BEGIN
  DECLARE v_now DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
  DECLARE EXIT HANDLER FOR 1062
  BEGIN
    ROLLBACK;
    SELECT IF(reply_to <=> p_reply_to
          AND IF(original IS NULL, body = BINARY p_body, original = UNHEX(SHA2(p_body, 256))),
        'ok', 'reused') AS outcome, seq, mid, 0 AS prev, created_at
      FROM message WHERE room = p_room AND sender = p_user AND client_id = p_client_id;
  END;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  UPDATE stream SET head = LAST_INSERT_ID(head + 1), mid = IF((@prev := mid) IS NULL, 0, p_mid)
    WHERE kind = 1 AND id = p_room;
  -- @after_seq
  IF NOT EXISTS (SELECT 1 FROM session WHERE id = p_session AND user = p_user AND expires_at > v_now) THEN
    ROLLBACK;
    SELECT 'no_session' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
    LEAVE send;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM member WHERE room = p_room AND user = p_user) THEN
    ROLLBACK;
    SELECT 'not_member' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
    LEAVE send;
  END IF;
  IF p_reply_to IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message WHERE room = p_room AND seq = p_reply_to) THEN
    ROLLBACK;
    SELECT 'no_reply' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
    LEAVE send;
  END IF;
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at, reply_to)
    VALUES (p_room, LAST_INSERT_ID(), p_mid, p_user, p_client_id, p_body, v_now, p_reply_to);
  -- @after_insert
  COMMIT;
  SELECT 'ok' AS outcome, LAST_INSERT_ID() AS seq, p_mid AS mid, @prev AS prev, v_now AS created_at;
END//

-- Tells each member of a room on the own stream that it is gone, and ends the memberships. maru-push
-- finds these events when it next compares heads. Members are taken in the order of their ids, so that two
-- of these calls never wait for each other.
CREATE OR REPLACE PROCEDURE room_dismiss(IN p_room BIGINT UNSIGNED)
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE v_user BIGINT UNSIGNED DEFAULT 0;
  DECLARE v_mid BIGINT UNSIGNED;
  SELECT MIN(user) INTO v_user FROM member WHERE room = p_room;
  WHILE v_user IS NOT NULL DO
    SET v_mid = CONV(HEX(RANDOM_BYTES(8)), 16, 10);
    UPDATE stream SET head = LAST_INSERT_ID(head + 1), mid = v_mid WHERE kind = 2 AND id = v_user;
    INSERT INTO event (kind, stream, seq, mid, type, data, created_at)
      VALUES (2, v_user, LAST_INSERT_ID(), v_mid, 'room.removed',
        CONCAT('{"id":', p_room, ',"seq":', LAST_INSERT_ID(), ',"mid":"', v_mid, '"}'),
        UTC_TIMESTAMP(3));
    SELECT MIN(user) INTO v_user FROM member WHERE room = p_room AND user > v_user;
  END WHILE;
  DELETE FROM member WHERE room = p_room;
END//

DELIMITER ;

REPLACE INTO meta (id, version) VALUES (1, 3);
