-- Maru's whole schema. Run it any number of times, on an empty or an older database:
--
--   mariadb maru < schema.sql
--
-- Section 1 creates today's tables where they are missing, section 2 brings older ones up to date,
-- section 3 replaces views and procedures. maru-api refuses to start on another version and names this file.
-- Times are UTC. Words that are compared as bytes have a _bin collation.

-- ---- 1. tables ---------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS meta (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  version INT UNSIGNED NOT NULL
) ENGINE=InnoDB;

-- seen_at: when the last connection ended; last_seen: whether others are told. Who is to appear offline
-- is not present anywhere. status is the sentence that people show with their name (status_message in the
-- API). avatar: "preset-1" to "preset-10", "file-<id>", or "" for none. email: a verified address. direct: who may
-- begin a direct room. indexed: whether gram is up to date with the nickname; where it is not, the feeder
-- sees to it (api/userlists.c). An account that is erased keeps its row, without a name of its own, because
-- messages point to it. owner: whose bot it is, 0 where Maru itself made it; NULL: a person. guest: came in
-- without an account (api/guests.c), and is erased when the last session has ended.
CREATE TABLE IF NOT EXISTS user (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nickname VARCHAR(30) NOT NULL,
  password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  appear ENUM('online', 'offline') NOT NULL DEFAULT 'online',
  last_seen ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  seen_at DATETIME(3) NULL,
  status VARCHAR(200) NOT NULL DEFAULT '',
  avatar VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
  role ENUM('user', 'admin') NOT NULL DEFAULT 'user',
  state ENUM('active', 'disabled', 'erased') NOT NULL DEFAULT 'active',
  time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'UTC',
  locale VARCHAR(35) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'en',
  day_start TINYINT UNSIGNED NOT NULL DEFAULT 0,
  week_start ENUM('monday', 'sunday') NOT NULL DEFAULT 'monday',
  study_goal SMALLINT UNSIGNED NOT NULL DEFAULT 0, -- minutes a day
  receipts ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  direct ENUM('everybody', 'friends', 'nobody') NOT NULL DEFAULT 'everybody',
  found ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  indexed TINYINT(1) NOT NULL DEFAULT 0,
  owner BIGINT UNSIGNED NULL,
  guest TINYINT(1) NOT NULL DEFAULT 0,
  UNIQUE KEY name (name),
  UNIQUE KEY email (email),
  KEY nickname (nickname),
  KEY role (role, id),
  KEY state (state, id),
  KEY indexed (indexed, id),
  KEY owner (owner, state),
  KEY guest (guest, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row per login. Its access tokens name it, its refresh tokens belong to it; without the row
-- all of them are dead. A bot has one that does not end, found by the SHA-256 of its token. guest is that of
-- the user, kept here because each request reads this row anyway.
CREATE TABLE IF NOT EXISTS session (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  agent VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  seen_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  hash BINARY(32) NULL,
  guest TINYINT(1) NOT NULL DEFAULT 0,
  UNIQUE KEY hash (hash),
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
-- guard, of rooms: what message_send has to look at besides, 1 slow mode, 2 a direct room. It stands
-- here because sending reads this row anyway.
CREATE TABLE IF NOT EXISTS stream (
  kind TINYINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  head BIGINT UNSIGNED NOT NULL DEFAULT 0,
  mid BIGINT UNSIGNED NOT NULL DEFAULT 0,
  guard TINYINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id)
) ENGINE=InnoDB;

-- host is 0 while nobody is: the next who joins becomes it; a direct room has none. members is the number
-- of rows in member, kept here because lists show it and joining is limited by it; likes likewise. A
-- secret room that is hidden can't be told from one that does not exist. tags: those of room_tag as JSON.
-- history: what somebody who joins
-- may read. retention: days after which messages are erased, 0: never. floor: events up to this seq may be
-- erased already. guests: whether people without an account may come in; a room that is not listed is never open
-- to them. listed: whether strangers see it in lists. seats has what rooms with a free one are counted by.
CREATE TABLE IF NOT EXISTS room (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind ENUM('public', 'secret', 'group', 'direct') NOT NULL,
  title VARCHAR(100) NOT NULL,
  description VARCHAR(1000) NOT NULL DEFAULT '',
  password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  host BIGINT UNSIGNED NOT NULL,
  members INT UNSIGNED NOT NULL DEFAULT 0,
  max_members INT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  hidden TINYINT(1) NOT NULL DEFAULT 0,
  category BIGINT UNSIGNED NOT NULL DEFAULT 0,
  tags VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '[]',
  cover VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  likes INT UNSIGNED NOT NULL DEFAULT 0,
  history ENUM('all', 'joined') NOT NULL DEFAULT 'all',
  slow_seconds SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  retention SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  floor BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ends_on DATE NULL,
  guests TINYINT(1) NOT NULL DEFAULT 0,
  listed TINYINT(1) AS (kind IN ('public', 'secret') AND hidden = 0) PERSISTENT,
  KEY newest (listed, id),
  KEY seats (listed, members, id, max_members, kind),
  KEY liked (listed, likes, id),
  KEY category (listed, category, id),
  KEY retention (retention, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS category (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(30) NOT NULL,
  place INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY name (name),
  KEY place (place, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How many listed rooms there are of a kind in each category; in 0 all, whatever their category. Whoever lists a room,
-- or a listed room elsewhere, or no more, has told the lobby of it and still holds that stream: so nobody waits here,
-- and the numbers are exact. rooms_recount() makes them anew.
CREATE TABLE IF NOT EXISTS room_count (
  kind ENUM('public', 'secret') NOT NULL,
  category BIGINT UNSIGNED NOT NULL,
  rooms INT NOT NULL,
  PRIMARY KEY (category, kind)
) ENGINE=InnoDB;

-- listed: the room's, for those who count.
CREATE TABLE IF NOT EXISTS room_tag (
  room BIGINT UNSIGNED NOT NULL,
  tag VARCHAR(20) NOT NULL,
  listed TINYINT(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (room, tag),
  KEY shown (tag, listed, room)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS room_like (
  room BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, user),
  KEY user (user, room),
  CONSTRAINT room_like_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Characters and pairs of neighbouring characters of titles (kind 1) and nicknames (2), so that any part of them can be
-- searched for in every script (api/gram.c).
CREATE TABLE IF NOT EXISTS gram (
  kind TINYINT UNSIGNED NOT NULL,
  gram VARCHAR(2) NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (kind, gram, id),
  KEY id (kind, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The folded texts that the grams are of, for the final check of a search.
CREATE TABLE IF NOT EXISTS gram_text (
  kind TINYINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  folded VARCHAR(400) NOT NULL,
  PRIMARY KEY (kind, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- visible_from: events of the room up to this seq are not shown to this member. sent_at: the last message,
-- where slow mode asks for it. joined_seq: the room's head when they joined. read_seq: up to where they have
-- read, never less. notify: what of the room they want to be told, NULL as it is for its kind; quiet_until: nothing
-- until then.
CREATE TABLE IF NOT EXISTS member (
  room BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  joined_at DATETIME(3) NOT NULL,
  role ENUM('member', 'moderator') NOT NULL DEFAULT 'member',
  visible_from BIGINT UNSIGNED NOT NULL DEFAULT 0,
  muted_until DATETIME(3) NULL,
  sent_at DATETIME(3) NULL,
  joined_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  read_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  notify ENUM('all', 'mentions', 'none') NULL,
  quiet_until DATETIME(3) NULL,
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

-- The one room of two people, low < high.
CREATE TABLE IF NOT EXISTS direct (
  low BIGINT UNSIGNED NOT NULL,
  high BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (low, high),
  UNIQUE KEY room (room)
) ENGINE=InnoDB;

-- How `user` stands to `other`: one row for each of the two. A request that was declined, or that a block
-- swallowed, is a `sent` without its `received`: whoever asked is not told.
CREATE TABLE IF NOT EXISTS friend (
  user BIGINT UNSIGNED NOT NULL,
  other BIGINT UNSIGNED NOT NULL,
  state ENUM('sent', 'received', 'friend') NOT NULL,
  favorite TINYINT(1) NOT NULL DEFAULT 0,
  alias VARCHAR(30) NOT NULL DEFAULT '',
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user, other),
  KEY state (user, state, other),
  KEY other (other),
  CONSTRAINT friend_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS block (
  user BIGINT UNSIGNED NOT NULL,
  other BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user, other),
  KEY other (other),
  CONSTRAINT block_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- A link that lets in whoever has it. uses_left NULL: any number.
CREATE TABLE IF NOT EXISTS invite (
  code CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  room BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  uses INT UNSIGNED NOT NULL DEFAULT 0,
  uses_left INT UNSIGNED NULL,
  expires_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  KEY room (room, created_at),
  KEY expires_at (expires_at)
) ENGINE=InnoDB;

-- What stands on top of a room; the newest that is not deleted is the present one. id is the seq of the
-- event that brought it.
CREATE TABLE IF NOT EXISTS notice (
  room BIGINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  body VARCHAR(4000) NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  confirmations INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  edited_at DATETIME(3) NULL,
  PRIMARY KEY (room, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS notice_confirmation (
  room BIGINT UNSIGNED NOT NULL,
  notice BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, notice, user),
  KEY user (user)
) ENGINE=InnoDB;

-- What is to be done: by the members of a room together (kind 1, list: the room) or by oneself (kind 2, the user); as in
-- stream. id is the seq of the event that brought it, place where it stands in its list.
CREATE TABLE IF NOT EXISTS todo (
  kind TINYINT UNSIGNED NOT NULL,
  list BIGINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  place BIGINT UNSIGNED NOT NULL,
  text VARCHAR(500) NOT NULL,
  author BIGINT UNSIGNED NOT NULL,
  client_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  assignee BIGINT UNSIGNED NULL,
  due_on DATE NULL,
  done_at DATETIME(3) NULL,
  done_by BIGINT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (kind, list, id),
  UNIQUE KEY client_id (kind, list, author, client_id),
  KEY place (kind, list, place),
  KEY assignee (assignee)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Where somebody studies right now, at one desk at a time. since: when the clock began to run, NULL while it is paused;
-- seen_at: when maru-push said last that they are there; missed: so often in a row it said since that they are not.
CREATE TABLE IF NOT EXISTS desk (
  user BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  room BIGINT UNSIGNED NOT NULL,
  sat_at DATETIME(3) NOT NULL,
  since DATETIME(3) NULL,
  seen_at DATETIME(3) NOT NULL,
  missed TINYINT UNSIGNED NOT NULL DEFAULT 0,
  KEY room (room, user)
) ENGINE=InnoDB;

-- What has been studied, in a room or (0) in none; corrected: so says the person, who may. None is longer than two days, so
-- a range of beginnings finds what overlaps another range; those of one person do not overlap.
CREATE TABLE IF NOT EXISTS study_session (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  started_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NOT NULL,
  corrected TINYINT(1) NOT NULL DEFAULT 0,
  KEY user (user, started_at),
  KEY room (room, started_at)
) ENGINE=InnoDB;

-- A call in a room, as long as somebody is in it. answered_at: when somebody came to who began it; turn: how often somebody
-- came or went.
CREATE TABLE IF NOT EXISTS room_call (
  room BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  video TINYINT(1) NOT NULL,
  started_by BIGINT UNSIGNED NOT NULL,
  started_at DATETIME(3) NOT NULL,
  answered_at DATETIME(3) NULL,
  turn BIGINT UNSIGNED NOT NULL DEFAULT 1,
  via ENUM('mesh', 'sfu') NOT NULL DEFAULT 'mesh',
  KEY id (id),
  KEY via (via, id)
) ENGINE=InnoDB;

-- Who is in a call with one window, `peer`, or is rung for one (rings_until) by somebody (rung_by). missed: so often in a
-- row maru-push said that they are not there.
CREATE TABLE IF NOT EXISTS call_member (
  user BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  of_call BIGINT UNSIGNED NOT NULL,
  peer VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  came_at DATETIME(3) NOT NULL,
  rings_until DATETIME(3) NULL,
  missed TINYINT UNSIGNED NOT NULL DEFAULT 0,
  rung_by BIGINT UNSIGNED NULL,
  KEY of_call (of_call, user),
  KEY rings_until (rings_until)
) ENGINE=InnoDB;

-- What may be played in a room: an audio file of one of its messages. id is the seq of the event that brought it.
CREATE TABLE IF NOT EXISTS track (
  room BIGINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  file BIGINT UNSIGNED NOT NULL,
  title VARCHAR(200) NOT NULL,
  licence VARCHAR(300) NOT NULL,
  duration INT UNSIGNED NOT NULL, -- milliseconds
  added_by BIGINT UNSIGNED NOT NULL,
  added_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, id),
  KEY file (file)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Where the music of a room stood (track 0: nowhere), and since when it has played from there; NULL: it is paused.
CREATE TABLE IF NOT EXISTS room_music (
  room BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  track BIGINT UNSIGNED NOT NULL,
  position BIGINT UNSIGNED NOT NULL,
  since DATETIME(3) NULL
) ENGINE=InnoDB;

-- What was drawn on the whiteboard of a room. id is the seq of the event that brought it, line that of the first stroke of
-- the same line; points: JSON, [[x, y], ...].
CREATE TABLE IF NOT EXISTS stroke (
  room BIGINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  line BIGINT UNSIGNED NOT NULL,
  author BIGINT UNSIGNED NOT NULL,
  client_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  color VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  width TINYINT UNSIGNED NOT NULL,
  points TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, id),
  UNIQUE KEY client_id (room, author, client_id),
  KEY line (room, line)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS pin (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, message)
) ENGINE=InnoDB;

-- What somebody reported: a message (its text as it was), a person or a room; room 0: of no room.
CREATE TABLE IF NOT EXISTS report (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  reporter BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL DEFAULT 0,
  message BIGINT UNSIGNED NULL,
  user BIGINT UNSIGNED NULL,
  reason ENUM('spam', 'abuse', 'sexual', 'violence', 'privacy', 'other') NOT NULL,
  detail VARCHAR(1000) NOT NULL DEFAULT '',
  body VARCHAR(4000) NOT NULL DEFAULT '',
  state ENUM('open', 'resolved', 'dismissed') NOT NULL DEFAULT 'open',
  by_user BIGINT UNSIGNED NULL,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at DATETIME(3) NOT NULL,
  closed_at DATETIME(3) NULL,
  KEY state (state, id),
  KEY room (room, state, id),
  KEY reporter (reporter, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Words that messages may not have, in one room or (room 0) anywhere.
CREATE TABLE IF NOT EXISTS word (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room BIGINT UNSIGNED NOT NULL DEFAULT 0,
  word VARCHAR(100) NOT NULL,
  action ENUM('refuse', 'mask') NOT NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY word (room, word)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row, id 1: how often the words were changed, so that the workers of maru-api need not read them again.
CREATE TABLE IF NOT EXISTS word_change (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  changes BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB;

-- Who did what to whom, for those who must answer for it: api/audit.c. room 0: not in a room.
CREATE TABLE IF NOT EXISTS audit (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  actor BIGINT UNSIGNED NOT NULL,
  action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  room BIGINT UNSIGNED NOT NULL DEFAULT 0,
  user BIGINT UNSIGNED NULL,
  data TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  KEY room (room, id),
  KEY user (user, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A code that was sent to an address, hashed. purpose verify: user wants to own the address; reset: user
-- has forgotten the password.
CREATE TABLE IF NOT EXISTS email_code (
  purpose ENUM('verify', 'reset') NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  hash BINARY(32) NOT NULL,
  tries TINYINT UNSIGNED NOT NULL DEFAULT 0,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (purpose, user),
  KEY expires_at (expires_at),
  CONSTRAINT email_code_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Letters that the mailer still has to deliver (api/mailer.c). An empty body: a password reset was asked
-- for with this address; the mailer looks whose it is, and writes the letter.
CREATE TABLE IF NOT EXISTS mail (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  address VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  body MEDIUMTEXT NOT NULL,
  tries INT UNSIGNED NOT NULL DEFAULT 0,
  next_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  KEY next_at (next_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who somebody is at an OpenID provider.
CREATE TABLE IF NOT EXISTS identity (
  provider VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (provider, subject),
  KEY user (user),
  CONSTRAINT identity_user FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- A message is the event `seq` of its room. No foreign keys: they would lock rows of three other
-- tables for each message. rev is the seq of the event that last changed it, NULL while none did;
-- original is then the SHA-256 of the body it was sent with, so that a repeated send is still
-- recognised. A deleted message keeps its row, without its body, entities, content and previews.
-- type NULL: a text. thread: the seq of the message below which this one stands. entities: what parts of the
-- body are, as JSON; content: what belongs to the type, as JSON, for good.
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
  type ENUM('sticker', 'poll', 'roll') NULL,
  thread BIGINT UNSIGNED NULL,
  entities TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  previews TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  PRIMARY KEY (room, seq),
  UNIQUE KEY client_id (room, sender, client_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How far a file of history is imported (api/imports.c): so many messages of it, the last of them being the event
-- `last` of the room. hash: of all of these, as hexadecimal text.
CREATE TABLE IF NOT EXISTS room_import (
  room BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  messages BIGINT UNSIGNED NOT NULL,
  last BIGINT UNSIGNED NOT NULL,
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS reaction (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  emoji VARBINARY(64) NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, message, emoji, user)
) ENGINE=InnoDB;

-- Messages of large rooms that were reacted to within the last seconds (api/reactions.c). told_at: when the room was
-- last told how many there are; untold: it has to be told again.
CREATE TABLE IF NOT EXISTS reaction_told (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  untold TINYINT(1) NOT NULL DEFAULT 0,
  told_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, message),
  KEY untold (untold, told_at)
) ENGINE=InnoDB;

-- What a message was before it was changed; rev is the seq of the event that had made it so, its own seq for the
-- first version.
CREATE TABLE IF NOT EXISTS message_revision (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  rev BIGINT UNSIGNED NOT NULL,
  body VARCHAR(4000) NOT NULL,
  entities TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, message, rev)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The answers below a message, which has no row here: message.thread the other way round.
CREATE TABLE IF NOT EXISTS thread_reply (
  room BIGINT UNSIGNED NOT NULL,
  root BIGINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, root, seq)
) ENGINE=InnoDB;

-- Whom messages mention: one row for each, and one with user 0 for @all. Not who sent them, nor who blocks
-- the sender.
CREATE TABLE IF NOT EXISTS mention (
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  sender BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user, room, seq),
  KEY newest (user, created_at, room, seq),
  KEY message (room, seq)
) ENGINE=InnoDB;

-- How a poll stands, a message of the type poll: what everybody was told last, when, and whether somebody has
-- voted since (untold). closes_at: when it is still to be closed. counts: votes of each option as JSON.
CREATE TABLE IF NOT EXISTS poll (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  counts VARCHAR(250) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  voters INT UNSIGNED NOT NULL DEFAULT 0,
  untold TINYINT(1) NOT NULL DEFAULT 0,
  told_at DATETIME(3) NULL,
  closes_at DATETIME(3) NULL,
  closed_at DATETIME(3) NULL,
  PRIMARY KEY (room, message),
  KEY untold (untold, told_at),
  KEY closes_at (closes_at)
) ENGINE=InnoDB;

-- A row for each option that somebody has chosen; choice: its place, from 0.
CREATE TABLE IF NOT EXISTS poll_vote (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  user BIGINT UNSIGNED NOT NULL,
  choice TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, message, user, choice),
  KEY user (user, room, message)
) ENGINE=InnoDB;

-- Messages that the feeder sends later. due_at: when it is tried next, NULL where that has failed for the reason
-- of this slug; taken: it is being sent, and nobody changes it any more.
CREATE TABLE IF NOT EXISTS scheduled (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  client_id VARBINARY(64) NOT NULL,
  body VARCHAR(4000) NOT NULL,
  reply_to BIGINT UNSIGNED NULL,
  send_at DATETIME(3) NOT NULL,
  due_at DATETIME(3) NULL,
  taken TINYINT(1) NOT NULL DEFAULT 0,
  failed VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY client_id (user, room, client_id),
  KEY user (user, id),
  KEY due_at (due_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What somebody has begun to write in a room.
CREATE TABLE IF NOT EXISTS draft (
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  body VARCHAR(4000) NOT NULL,
  reply_to BIGINT UNSIGNED NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user, room),
  KEY room (room)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What a person is told of by itself: somebody mentioned them, or answered, or rang them in vain. id: the seq of
-- notification.created on the own stream. by_user: whose message it is, or who rang. of_call: the call that was missed;
-- message is then the seq of the room's event by which it was, so that whoever reads on past it has seen that.
CREATE TABLE IF NOT EXISTS notification (
  user BIGINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  kind ENUM('mention', 'reply', 'call') NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  unread TINYINT(1) NOT NULL DEFAULT 1,
  created_at DATETIME(3) NOT NULL,
  of_call BIGINT UNSIGNED NULL,
  PRIMARY KEY (user, id),
  UNIQUE KEY of_call (user, of_call),
  KEY unread (user, unread, room, message),
  KEY message (room, message, user),
  KEY created_at (created_at)
) ENGINE=InnoDB;

-- Messages whose notifications have to be brought in line with them (api/alerts.c): written with what made it so,
-- gone with the notifications.
CREATE TABLE IF NOT EXISTS alert (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, message)
) ENGINE=InnoDB;

-- Stickers that can be sent: a JSON array of {name, emoji, image}, image left out where there is none.
CREATE TABLE IF NOT EXISTS sticker_pack (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(50) NOT NULL,
  stickers TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Messages that one person does not want to see any more.
CREATE TABLE IF NOT EXISTS hidden (
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (user, room, message),
  KEY room (room, message)
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

-- Accounts that were erased and have still to leave rooms and the like, and the streams (work names: events
-- with their names in them, of rooms also what they drew; messages: a room with what they said) that are
-- done up to the seq `after`; api/erasure.c.
CREATE TABLE IF NOT EXISTS erase_job (
  user BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS erase_stream (
  user BIGINT UNSIGNED NOT NULL,
  work ENUM('names', 'messages') NOT NULL,
  kind TINYINT UNSIGNED NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  after BIGINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (user, work, kind, id)
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

-- What people can type where a bot is (params: what belongs behind it).
CREATE TABLE IF NOT EXISTS bot_command (
  bot BIGINT UNSIGNED NOT NULL,
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  description VARCHAR(100) NOT NULL,
  params VARCHAR(100) NOT NULL,
  PRIMARY KEY (bot, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What somebody still wants to hear of; room: where it was asked for.
CREATE TABLE IF NOT EXISTS reminder (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user BIGINT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  client_id VARBINARY(64) NOT NULL,
  text VARCHAR(500) NOT NULL,
  due_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY client_id (user, client_id),
  KEY user (user, id),
  KEY due_at (due_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- An address that messages of a room are posted to by whoever knows it; its bot is the sender, and its id. Only the
-- SHA-256 of the token in it is known.
CREATE TABLE IF NOT EXISTS room_hook (
  room BIGINT UNSIGNED NOT NULL,
  bot BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  hash BINARY(32) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room, bot),
  UNIQUE KEY hash (hash)
) ENGINE=InnoDB;

-- Where events of a room are posted to. events: the names of those that are, as JSON. secret: signs them, as
-- base64url. state: active, paused by somebody, failed (given up after days) or left (like whoever answers for it,
-- by_user, did). seen: events up to this seq have become deliveries. waiting: deliveries that are still to be made,
-- next_at: when the first of them is tried next. slow: the last call took long.
CREATE TABLE IF NOT EXISTS webhook (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room BIGINT UNSIGNED NOT NULL,
  by_user BIGINT UNSIGNED NOT NULL,
  url VARCHAR(500) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  events VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state ENUM('active', 'paused', 'failed', 'left') NOT NULL DEFAULT 'active',
  seen BIGINT UNSIGNED NOT NULL,
  waiting INT UNSIGNED NOT NULL DEFAULT 0,
  next_at DATETIME(3) NULL,
  failing_since DATETIME(3) NULL,
  slow TINYINT(1) NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  KEY room (room, id),
  KEY due (state, next_at)
) ENGINE=InnoDB;

-- One event for one webhook. What is posted is not kept here: it is read when it is posted, so that no copy
-- outlives a deleted message. status: that of the last answer; ms: how long it took.
CREATE TABLE IF NOT EXISTS delivery (
  webhook BIGINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  mid BIGINT UNSIGNED NOT NULL,
  event VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state ENUM('waiting', 'delivered', 'failed') NOT NULL DEFAULT 'waiting',
  tries INT UNSIGNED NOT NULL DEFAULT 0,
  status SMALLINT UNSIGNED NULL,
  error VARCHAR(255) NOT NULL DEFAULT '',
  ms INT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  tried_at DATETIME(3) NULL,
  done_at DATETIME(3) NULL,
  PRIMARY KEY (webhook, seq),
  KEY state (webhook, state, seq),
  KEY done_at (done_at),
  CONSTRAINT delivery_webhook FOREIGN KEY (webhook) REFERENCES webhook (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Messages whose links are still to be read, and what the pages said that were: api/previewfetch.c.
CREATE TABLE IF NOT EXISTS preview_job (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  KEY message (room, message)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS link (
  hash BINARY(32) NOT NULL PRIMARY KEY,
  preview TEXT NOT NULL,
  until DATETIME(3) NOT NULL,
  KEY until (until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Searching for messages (api/searchfind.c, api/indexer.c). seq: the room's events up to this one are indexed.
CREATE TABLE IF NOT EXISTS search_room (
  room BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  seq BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB;

-- The index consists of segments, each of some messages of any rooms; small ones are merged into larger ones.
-- postings: its size. gone: replaced at this time. due: something of it was deleted or changed; from then on it
-- may be written anew.
CREATE TABLE IF NOT EXISTS search_segment (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  state ENUM('building', 'ready', 'gone') NOT NULL,
  postings INT UNSIGNED NOT NULL DEFAULT 0,
  gone_at DATETIME(3) NULL,
  due_at DATETIME(3) NULL,
  KEY state (state, id),
  KEY due_at (due_at)
) ENGINE=InnoDB;

-- What a segment has: up to 256 neighbouring seqs of a room. Within the segment they are numbered from base on.
-- oldest and newest: of its messages, in milliseconds; slack: the most that one is older than one before it.
CREATE TABLE IF NOT EXISTS search_part (
  segment INT UNSIGNED NOT NULL,
  base INT UNSIGNED NOT NULL,
  room BIGINT UNSIGNED NOT NULL,
  first BIGINT UNSIGNED NOT NULL,
  last BIGINT UNSIGNED NOT NULL,
  oldest BIGINT UNSIGNED NOT NULL,
  newest BIGINT UNSIGNED NOT NULL,
  slack BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, segment, base),
  KEY segment (segment, base)
) ENGINE=InnoDB;

-- Whether a segment has anything of a room, and of when.
CREATE TABLE IF NOT EXISTS search_share (
  room BIGINT UNSIGNED NOT NULL,
  segment INT UNSIGNED NOT NULL,
  oldest BIGINT UNSIGNED NOT NULL,
  newest BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, segment),
  KEY segment (segment)
) ENGINE=InnoDB;

-- For each key (api/said.h) the numbers of the messages that have it (api/postings.h).
CREATE TABLE IF NOT EXISTS search_post (
  segment INT UNSIGNED NOT NULL,
  gram BIGINT UNSIGNED NOT NULL,
  list MEDIUMTEXT NOT NULL,
  PRIMARY KEY (segment, gram)
) ENGINE=InnoDB DEFAULT CHARSET=ascii COLLATE=ascii_bin;

INSERT IGNORE INTO stream (kind, id, head) VALUES (3, 0, 0), (4, 0, 0);
INSERT IGNORE INTO word_change (id) VALUES (1);

-- The pack that comes with the client; who deletes it does not get it again with the next run.
INSERT INTO sticker_pack (title, created_at, stickers)
  SELECT 'Maru', UTC_TIMESTAMP(3), JSON_ARRAY(
      JSON_OBJECT('name', 'hello', 'emoji', '👋', 'image', '/stickers/maru/hello.svg'),
      JSON_OBJECT('name', 'thanks', 'emoji', '🙏', 'image', '/stickers/maru/thanks.svg'),
      JSON_OBJECT('name', 'love', 'emoji', '😍', 'image', '/stickers/maru/love.svg'),
      JSON_OBJECT('name', 'laugh', 'emoji', '😂', 'image', '/stickers/maru/laugh.svg'),
      JSON_OBJECT('name', 'cry', 'emoji', '😢', 'image', '/stickers/maru/cry.svg'),
      JSON_OBJECT('name', 'sleep', 'emoji', '😴', 'image', '/stickers/maru/sleep.svg'),
      JSON_OBJECT('name', 'ok', 'emoji', '👌', 'image', '/stickers/maru/ok.svg'),
      JSON_OBJECT('name', 'party', 'emoji', '🥳', 'image', '/stickers/maru/party.svg'))
    FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM meta WHERE version >= 5);

-- Files (api/files.c). object names the bytes on the disk and in the bucket (api/filestore.h); sizes: which smaller
-- pictures there are. state: new while the bytes are on their way to their place, so that a crash leaves nothing that
-- is not known of; ready; gone while they are removed. loose_at: since when nothing refers to it; after an hour it is
-- removed. used_as: the picture of the person, or the cover of the room, used_by.
CREATE TABLE IF NOT EXISTS file (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  owner BIGINT UNSIGNED NOT NULL,
  object CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state ENUM('new', 'ready', 'gone') NOT NULL DEFAULT 'new',
  kind ENUM('image', 'video', 'audio', 'document') NOT NULL,
  name VARCHAR(255) NOT NULL,
  type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  bytes BIGINT UNSIGNED NOT NULL,
  width INT UNSIGNED NULL,
  height INT UNSIGNED NULL,
  duration INT UNSIGNED NULL,
  placeholder VARCHAR(511) CHARACTER SET ascii COLLATE ascii_bin NULL,
  sizes SET('320', '64', '256', 'poster') NOT NULL DEFAULT '',
  used_as ENUM('avatar', 'cover') NULL,
  used_by BIGINT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  loose_at DATETIME(3) NULL,
  UNIQUE KEY object (object),
  KEY owner (owner, bytes),
  KEY loose_at (loose_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The files of messages that are not deleted. One that loses its message is loose (the trigger below).
CREATE TABLE IF NOT EXISTS attachment (
  room BIGINT UNSIGNED NOT NULL,
  message BIGINT UNSIGNED NOT NULL,
  file BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (room, message, file),
  KEY file (file)
) ENGINE=InnoDB;

-- A file that comes in pieces (tus, api/uploads.c); how much of it is there, the disk knows. file: what became of it.
CREATE TABLE IF NOT EXISTS upload (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  owner BIGINT UNSIGNED NOT NULL,
  object CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(255) NOT NULL,
  type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  bytes BIGINT UNSIGNED NOT NULL,
  file BIGINT UNSIGNED NULL,
  expires_at DATETIME(3) NOT NULL,
  KEY owner (owner, expires_at),
  KEY expires_at (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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

-- version 4
ALTER TABLE user
  ADD COLUMN IF NOT EXISTS status VARCHAR(200) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS avatar VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
  ADD COLUMN IF NOT EXISTS role ENUM('user', 'admin') NOT NULL DEFAULT 'user',
  ADD COLUMN IF NOT EXISTS state ENUM('active', 'disabled', 'erased') NOT NULL DEFAULT 'active',
  ADD COLUMN IF NOT EXISTS time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'UTC',
  ADD COLUMN IF NOT EXISTS locale VARCHAR(35) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'en',
  ADD COLUMN IF NOT EXISTS day_start TINYINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS week_start ENUM('monday', 'sunday') NOT NULL DEFAULT 'monday',
  ADD COLUMN IF NOT EXISTS receipts ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  ADD COLUMN IF NOT EXISTS direct ENUM('everybody', 'friends', 'nobody') NOT NULL DEFAULT 'everybody',
  ADD COLUMN IF NOT EXISTS found ENUM('shown', 'hidden') NOT NULL DEFAULT 'shown',
  ADD COLUMN IF NOT EXISTS indexed TINYINT(1) NOT NULL DEFAULT 0,
  ADD UNIQUE KEY IF NOT EXISTS email (email),
  ADD KEY IF NOT EXISTS nickname (nickname),
  ADD KEY IF NOT EXISTS role (role, id),
  ADD KEY IF NOT EXISTS state (state, id),
  ADD KEY IF NOT EXISTS indexed (indexed, id);
ALTER TABLE stream
  ADD COLUMN IF NOT EXISTS guard TINYINT UNSIGNED NOT NULL DEFAULT 0;
ALTER TABLE room
  DROP KEY IF EXISTS listed,
  MODIFY COLUMN kind ENUM('public', 'secret', 'group', 'direct') NOT NULL,
  ADD COLUMN IF NOT EXISTS hidden TINYINT(1) NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS category BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS tags VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '[]',
  ADD COLUMN IF NOT EXISTS cover VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS likes INT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS history ENUM('all', 'joined') NOT NULL DEFAULT 'all',
  ADD COLUMN IF NOT EXISTS slow_seconds SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS retention SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS floor BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS ends_on DATE NULL;
ALTER TABLE room
  MODIFY COLUMN listed TINYINT(1) AS (kind IN ('public', 'secret') AND hidden = 0) PERSISTENT,
  ADD KEY IF NOT EXISTS newest (listed, id),
  ADD KEY IF NOT EXISTS liked (listed, likes, id),
  ADD KEY IF NOT EXISTS category (listed, category, id),
  ADD KEY IF NOT EXISTS retention (retention, id);
ALTER TABLE member
  ADD COLUMN IF NOT EXISTS role ENUM('member', 'moderator') NOT NULL DEFAULT 'member',
  ADD COLUMN IF NOT EXISTS visible_from BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS muted_until DATETIME(3) NULL,
  ADD COLUMN IF NOT EXISTS sent_at DATETIME(3) NULL;
ALTER TABLE hidden
  ADD KEY IF NOT EXISTS room (room, message);

-- version 5
ALTER TABLE message
  ADD COLUMN IF NOT EXISTS type ENUM('sticker', 'poll', 'roll') NULL,
  ADD COLUMN IF NOT EXISTS thread BIGINT UNSIGNED NULL,
  ADD COLUMN IF NOT EXISTS entities TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  ADD COLUMN IF NOT EXISTS content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  ADD COLUMN IF NOT EXISTS previews TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE user
  ADD COLUMN IF NOT EXISTS owner BIGINT UNSIGNED NULL,
  ADD KEY IF NOT EXISTS owner (owner, state);
ALTER TABLE session
  ADD COLUMN IF NOT EXISTS hash BINARY(32) NULL,
  ADD UNIQUE KEY IF NOT EXISTS hash (hash);
ALTER TABLE member
  ADD COLUMN IF NOT EXISTS joined_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS read_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS notify ENUM('all', 'mentions', 'none') NULL,
  ADD COLUMN IF NOT EXISTS quiet_until DATETIME(3) NULL;
-- Nobody knows what was read before there were cursors: all of it.
UPDATE member m JOIN stream s ON s.kind = 1 AND s.id = m.room SET m.read_seq = s.head
  WHERE (SELECT version FROM meta) < 5;
ALTER TABLE room
  DROP KEY IF EXISTS fullest,
  ADD KEY IF NOT EXISTS seats (listed, members, id, max_members, kind);
ALTER TABLE room_tag
  ADD COLUMN IF NOT EXISTS listed TINYINT(1) NOT NULL DEFAULT 0,
  DROP KEY IF EXISTS tag,
  ADD KEY IF NOT EXISTS shown (tag, listed, room);
UPDATE room_tag t JOIN room r ON r.id = t.room SET t.listed = 1 WHERE r.listed = 1 AND t.listed = 0;

-- version 6
-- The index of messages has single characters, too: it is made anew.
DELETE FROM search_room WHERE (SELECT version FROM meta) < 6;
DELETE FROM search_share WHERE (SELECT version FROM meta) < 6;
UPDATE search_segment SET state = 'gone', gone_at = UTC_TIMESTAMP(3), due_at = NULL WHERE (SELECT version FROM meta) < 6;

-- version 8
ALTER TABLE user
  ADD COLUMN IF NOT EXISTS guest TINYINT(1) NOT NULL DEFAULT 0,
  ADD KEY IF NOT EXISTS guest (guest, id);
ALTER TABLE session
  ADD COLUMN IF NOT EXISTS guest TINYINT(1) NOT NULL DEFAULT 0;
ALTER TABLE room
  ADD COLUMN IF NOT EXISTS guests TINYINT(1) NOT NULL DEFAULT 0;

-- version 9
ALTER TABLE user
  ADD COLUMN IF NOT EXISTS study_goal SMALLINT UNSIGNED NOT NULL DEFAULT 0;

-- version 12
ALTER TABLE room_call
  ADD COLUMN IF NOT EXISTS via ENUM('mesh', 'sfu') NOT NULL DEFAULT 'mesh',
  ADD KEY IF NOT EXISTS via (via, id);

-- version 13
-- Strokes did not go with an account before.
INSERT IGNORE INTO erase_job (user, created_at)
  SELECT DISTINCT s.author, UTC_TIMESTAMP(3) FROM stroke s JOIN user u ON u.id = s.author AND u.state = 'erased'
    WHERE (SELECT version FROM meta) < 13;
INSERT IGNORE INTO erase_stream (user, work, kind, id)
  SELECT DISTINCT s.author, 'names', 1, s.room FROM stroke s JOIN user u ON u.id = s.author AND u.state = 'erased'
    WHERE (SELECT version FROM meta) < 13;
-- What was taken off a whiteboard before can no longer be read in the log, nor what is left of the logs of deleted rooms.
UPDATE event e LEFT JOIN stroke s ON s.room = e.stream AND s.id = e.seq
  SET e.data = JSON_REPLACE(e.data, '$.points', JSON_ARRAY())
  WHERE (SELECT version FROM meta) < 13 AND e.kind = 1 AND e.type = 'stroke.created' AND s.id IS NULL;
INSERT IGNORE INTO purge_room (room)
  SELECT s.id FROM stream s LEFT JOIN room r ON r.id = s.id
    WHERE (SELECT version FROM meta) < 13 AND s.kind = 1 AND r.id IS NULL;

-- version 14
ALTER TABLE call_member
  ADD COLUMN IF NOT EXISTS rung_by BIGINT UNSIGNED NULL;
UPDATE call_member m JOIN room_call c ON c.id = m.of_call SET m.rung_by = c.started_by
  WHERE m.rings_until IS NOT NULL AND (SELECT version FROM meta) < 14;
ALTER TABLE notification
  MODIFY COLUMN kind ENUM('mention', 'reply', 'call') NOT NULL,
  ADD COLUMN IF NOT EXISTS of_call BIGINT UNSIGNED NULL,
  ADD UNIQUE KEY IF NOT EXISTS of_call (user, of_call);

-- ---- 3. views and procedures -------------------------------------------------------------------

-- A room as clients see it, but for what depends on who asks.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW room_view AS
  SELECT id, kind, title, description, password IS NOT NULL AS locked$bool, hidden AS hidden$bool, host,
      category, tags AS tags$json, cover, history, slow_seconds, retention, ends_on AS ends_on$opt, guests AS guests$bool,
      members AS member_count, max_members, likes, created_at, listed, floor
    FROM room;

-- A member as everybody in the room sees it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW member_view AS
  SELECT m.room, u.id, u.name, u.nickname, u.avatar, u.status AS status_message,
      IF(r.host = u.id, 'host', m.role) AS role, m.joined_at,
      IF(m.muted_until > UTC_TIMESTAMP(3), m.muted_until, NULL) AS muted_until$opt,
      IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt, IF(u.guest, 1, NULL) AS guest$bool$opt,
      IF(u.receipts = 'hidden', u.receipts, NULL) AS receipts$opt
    FROM member m JOIN user u ON u.id = m.user JOIN room r ON r.id = m.room;

-- What is to be done as everybody sees it who may; the own list has no room.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW todo_view AS
  SELECT kind, list, IF(kind = 1, list, NULL) AS room$opt, id, place, text, author, client_id, assignee AS assignee$opt,
      due_on AS due_on$opt, done_at AS done_at$opt, done_by AS done_by$opt, created_at
    FROM todo;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW stroke_view AS
  SELECT room, id, line, author, client_id, color, width, points AS points$json, created_at FROM stroke;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW file_view AS
  SELECT id, owner, object, state, kind, name, type, bytes, width AS width$opt, height AS height$opt, duration AS duration$opt,
      placeholder AS placeholder$opt, sizes, used_as, used_by, created_at
    FROM file;

-- A message as clients see it; message_target is the same for joins that may find none.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW message_view AS
  SELECT room, seq, mid AS mid$text, sender, client_id, body, created_at, type AS type$opt, reply_to AS reply_to$opt,
      thread AS thread$opt, entities AS entities$json$opt, content AS content$json$opt, previews AS previews$json$opt, rev AS rev$opt,
      edited_at AS edited_at$opt, deleted_at AS deleted_at$opt
    FROM message;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW message_target AS
  SELECT room AS m_room$opt, seq AS m_seq$opt, CAST(mid AS CHAR) AS m_mid$opt, sender AS m_sender$opt,
      client_id AS m_client_id$opt, body AS m_body$opt, created_at AS m_created_at$opt, type AS m_type$opt,
      reply_to AS m_reply_to$opt, thread AS m_thread$opt, entities AS m_entities$json$opt,
      content AS m_content$json$opt, previews AS m_previews$json$opt, rev AS m_rev$opt, edited_at AS m_edited_at$opt, deleted_at AS m_deleted_at$opt
    FROM message;

DELIMITER //

-- How many of the messages behind p_from, up to p_until, others than p_user have sent, who are not blocked. In a query of
-- many rooms it reads these messages alone: a condition on seq that names columns would read the room from its beginning.
CREATE OR REPLACE FUNCTION messages_between(
  p_user BIGINT UNSIGNED, p_room BIGINT UNSIGNED, p_from BIGINT UNSIGNED, p_until BIGINT UNSIGNED)
  RETURNS INT UNSIGNED READS SQL DATA SQL SECURITY INVOKER
RETURN (SELECT COUNT(*) FROM message
  WHERE room = p_room AND seq > p_from AND seq <= p_until AND sender <> p_user AND deleted_at IS NULL
    AND sender NOT IN (SELECT other FROM block WHERE user = p_user))//

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

-- Whether a room's guard (stream.guard) lets a member send now: outcome ok | slow | unsendable; until: when
-- slow mode does. A direct room needs both.
CREATE OR REPLACE PROCEDURE message_guard(
  IN p_guard TINYINT UNSIGNED, IN p_user BIGINT UNSIGNED, IN p_room BIGINT UNSIGNED, IN p_now DATETIME(3),
  OUT p_outcome VARCHAR(10), OUT p_until DATETIME(3))
  MODIFIES SQL DATA SQL SECURITY INVOKER
guard: BEGIN
  SET p_outcome = 'ok', p_until = p_now;
  IF p_guard & 2 AND (SELECT COUNT(*) FROM member WHERE room = p_room) < 2 THEN
    SET p_outcome = 'unsendable';
    LEAVE guard;
  END IF;
  IF p_guard & 1 THEN
    SELECT m.sent_at + INTERVAL r.slow_seconds SECOND INTO p_until
      FROM member m JOIN room r ON r.id = m.room
      WHERE m.room = p_room AND m.user = p_user AND m.role = 'member' AND r.host <> p_user;
    IF p_until > p_now THEN
      SET p_outcome = 'slow';
      LEAVE guard;
    END IF;
    UPDATE member SET sent_at = p_now WHERE room = p_room AND user = p_user;
  END IF;
END//

-- Stores a message in one round trip: session (0: maru-api itself sends, for somebody), membership, seq, row,
-- commit. Answers one row:
--   outcome  ok | no_session | not_member | no_reply (there is no message reply_to that
--            the sender can see) | no_thread (the same for one that can be answered in a thread) |
--            reused (this client_id had another body) | muted | slow | unsendable
--   seq, mid, created_at of the stored message; a repeated call answers those of the first one, and is
--            held up by nothing that came after it. With muted and slow created_at is when that ends,
--            and seq the seconds until then.
--   prev     the mid of the event before it; 0 where it is a repeated call
--   entities of a repeated call: those of the first one, '' for none; NULL if the message was changed since
-- mentions: whom the text mentions, as a JSON array of ids, 0 for all; NULL: nobody.
-- The counter is locked before membership is read, so a removal and a message never overtake
-- each other: READ COMMITTED shows the latest state once the lock is held. tests/chaos stops it at the
-- lines with "@".
CREATE OR REPLACE PROCEDURE message_send(
  IN p_user BIGINT UNSIGNED, IN p_session BIGINT UNSIGNED, IN p_room BIGINT UNSIGNED,
  IN p_client_id VARBINARY(64), IN p_body VARCHAR(4000) CHARACTER SET utf8mb4,
  IN p_mid BIGINT UNSIGNED, IN p_reply_to BIGINT UNSIGNED, IN p_type VARCHAR(10) CHARACTER SET ascii,
  IN p_entities TEXT CHARACTER SET utf8mb4, IN p_content TEXT CHARACTER SET utf8mb4,
  IN p_mentions TEXT CHARACTER SET ascii, IN p_thread BIGINT UNSIGNED, IN p_files TEXT CHARACTER SET ascii)
  MODIFIES SQL DATA SQL SECURITY INVOKER
send: BEGIN
  DECLARE v_now DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
  DECLARE v_until DATETIME(3);
  DECLARE v_from BIGINT UNSIGNED;
  DECLARE v_outcome VARCHAR(10) DEFAULT 'not_member';
  DECLARE EXIT HANDLER FOR 1062
  BEGIN
    ROLLBACK;
    SELECT IF(reply_to <=> p_reply_to AND thread <=> p_thread
          AND IF(original IS NULL, body = BINARY p_body AND type <=> p_type AND content <=> p_content,
            original = UNHEX(SHA2(p_body, 256))),
        'ok', 'reused') AS outcome, seq, mid, 0 AS prev, created_at, IF(rev IS NULL, COALESCE(entities, ''), NULL) AS entities
      FROM message WHERE room = p_room AND sender = p_user AND client_id = p_client_id;
  END;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  UPDATE stream SET head = LAST_INSERT_ID(head + 1),
      mid = IF((@prev := mid) IS NULL OR (@guard := guard) IS NULL, 0, p_mid)
    WHERE kind = 1 AND id = p_room;
  -- @after_seq
  IF p_session <> 0
      AND NOT EXISTS (SELECT 1 FROM session WHERE id = p_session AND user = p_user AND expires_at > v_now) THEN
    ROLLBACK;
    SELECT 'no_session' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
    LEAVE send;
  END IF;
  SELECT IF(muted_until > v_now, 'muted', 'ok'), muted_until, visible_from INTO v_outcome, v_until, v_from
    FROM member WHERE room = p_room AND user = p_user;
  IF v_outcome = 'ok' AND @guard <> 0 THEN
    CALL message_guard(@guard, p_user, p_room, v_now, v_outcome, v_until);
  END IF;
  IF v_outcome <> 'ok' AND (v_outcome = 'not_member' OR NOT EXISTS (
      SELECT 1 FROM message WHERE room = p_room AND sender = p_user AND client_id = p_client_id)) THEN
    ROLLBACK;
    SELECT v_outcome AS outcome, COALESCE(TIMESTAMPDIFF(SECOND, v_now, v_until), 0) + 1 AS seq, 0 AS mid,
      0 AS prev, COALESCE(v_until, v_now) AS created_at;
    LEAVE send;
  END IF;
  IF p_reply_to IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message WHERE room = p_room AND seq = p_reply_to AND seq > v_from) THEN
    ROLLBACK;
    SELECT 'no_reply' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
    LEAVE send;
  END IF;
  IF p_thread IS NOT NULL THEN
    IF NOT EXISTS (SELECT 1 FROM message WHERE room = p_room AND seq = p_thread AND seq > v_from AND thread IS NULL
          AND (deleted_at IS NULL OR EXISTS (
            SELECT 1 FROM message WHERE room = p_room AND sender = p_user AND client_id = p_client_id))) THEN
      ROLLBACK;
      SELECT 'no_thread' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
      LEAVE send;
    END IF;
    INSERT INTO thread_reply (room, root, seq) VALUES (p_room, p_thread, LAST_INSERT_ID());
  END IF;
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at, reply_to, thread, type, entities, content)
    VALUES (p_room, LAST_INSERT_ID(), p_mid, p_user, p_client_id, p_body, v_now, p_reply_to, p_thread, p_type, p_entities,
      p_content);
  IF p_mentions IS NOT NULL THEN
    INSERT INTO mention (user, room, seq, sender, created_at)
      SELECT w.id, p_room, LAST_INSERT_ID(), p_user, v_now
        FROM JSON_TABLE(p_mentions, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w
          LEFT JOIN member m ON m.room = p_room AND m.user = w.id
          LEFT JOIN block b ON b.user = w.id AND b.other = p_user
        WHERE w.id <> p_user AND b.user IS NULL AND (w.id = 0 OR m.user IS NOT NULL);
  END IF;
  IF p_files IS NOT NULL THEN
    -- Holds them, so that none is being removed (api/filesweep.c).
    UPDATE file SET loose_at = NULL
      WHERE state = 'ready' AND id IN (SELECT w.id FROM JSON_TABLE(p_files, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w);
    IF (SELECT COUNT(*) FROM JSON_TABLE(p_files, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w JOIN file f ON f.id = w.id
        WHERE f.state = 'ready') <> JSON_LENGTH(p_files) THEN
      ROLLBACK;
      SELECT 'no_file' AS outcome, 0 AS seq, 0 AS mid, 0 AS prev, v_now AS created_at;
      LEAVE send;
    END IF;
    INSERT INTO attachment (room, message, file)
      SELECT p_room, LAST_INSERT_ID(), w.id FROM JSON_TABLE(p_files, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w;
  END IF;
  IF p_mentions IS NOT NULL OR p_reply_to IS NOT NULL THEN
    INSERT INTO alert (room, message) VALUES (p_room, LAST_INSERT_ID());
  END IF;
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

-- Whatever a file stood for, and however that went: it is looked at soon (api/filesweep.c).
CREATE OR REPLACE TRIGGER attachment_gone AFTER DELETE ON attachment FOR EACH ROW
  UPDATE file SET loose_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY WHERE id = OLD.file//

-- However a stroke goes, nobody reads in the log what was drawn: its event stays, without points.
CREATE OR REPLACE TRIGGER stroke_gone AFTER DELETE ON stroke FOR EACH ROW
  UPDATE event SET data = JSON_REPLACE(data, '$.points', JSON_ARRAY()) WHERE kind = 1 AND stream = OLD.room AND seq = OLD.id//

-- A person or a room (p_as, p_of) has another picture: that before is loose, the new one is in use.
CREATE OR REPLACE PROCEDURE file_stands(IN p_before VARCHAR(40), IN p_now VARCHAR(40), IN p_as VARCHAR(10), IN p_of BIGINT UNSIGNED)
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  IF p_before LIKE 'file-%' THEN
    UPDATE file SET used_as = NULL, used_by = NULL, loose_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY
      WHERE id = CAST(SUBSTR(p_before, 6) AS UNSIGNED) AND used_as = p_as AND used_by = p_of;
  END IF;
  IF p_now LIKE 'file-%' THEN
    UPDATE file SET used_as = p_as, used_by = p_of, loose_at = NULL WHERE id = CAST(SUBSTR(p_now, 6) AS UNSIGNED);
  END IF;
END//

CREATE OR REPLACE TRIGGER avatar_changed AFTER UPDATE ON user FOR EACH ROW
  IF OLD.avatar <> NEW.avatar THEN CALL file_stands(OLD.avatar, NEW.avatar, 'avatar', NEW.id); END IF//

CREATE OR REPLACE TRIGGER cover_changed AFTER UPDATE ON room FOR EACH ROW
  IF OLD.cover <> NEW.cover THEN CALL file_stands(OLD.cover, NEW.cover, 'cover', NEW.id); END IF//

CREATE OR REPLACE TRIGGER cover_gone AFTER DELETE ON room FOR EACH ROW
  IF OLD.cover <> '' THEN CALL file_stands(OLD.cover, '', 'cover', OLD.id); END IF//

-- Counts all listed rooms anew, also while people come and go: READ COMMITTED shows what is so once the lobby is held.
CREATE OR REPLACE PROCEDURE rooms_recount()
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT head INTO @head FROM stream WHERE kind = 3 AND id = 0 FOR UPDATE;
  DELETE FROM room_count;
  INSERT INTO room_count (category, kind, rooms)
    SELECT 0, kind, COUNT(*) FROM room WHERE listed = 1 GROUP BY kind
    UNION ALL
    SELECT category, kind, COUNT(*) FROM room WHERE listed = 1 AND category > 0 GROUP BY category, kind;
  COMMIT;
END//

DELIMITER ;

CALL rooms_recount();

REPLACE INTO meta (id, version) VALUES (1, 14);
