-- usher_calls() rows
SELECT id FROM room_call WHERE via = 'sfu' ORDER BY id;

-- usher_inside(id call) rows
SELECT user FROM call_member WHERE of_call = :call AND rings_until IS NULL;
