-- The new host can write again, the old one is a member like the others.
-- host_hand_over(id room, id before, id host) exec
UPDATE member SET
    role = IF(user = :before, 'member', role),
    muted_until = IF(user = :host, NULL, muted_until)
  WHERE room = :room AND user IN (:before, :host);
