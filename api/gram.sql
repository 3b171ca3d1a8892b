-- Folding is done in api/gram.c. Blanks are left out of both tables, as they do not matter.

-- gram_delete(int kind, id id) exec
DELETE FROM gram WHERE kind = :kind AND id = :id;

-- gram_insert(int kind, id id, text grams) exec
INSERT INTO gram (kind, gram, id)
  SELECT :kind, j.gram, :id
    FROM JSON_TABLE(:grams, '$[*]' COLUMNS (gram VARCHAR(2) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$')) j;

-- gram_text_delete(int kind, id id) exec
DELETE FROM gram_text WHERE kind = :kind AND id = :id;

-- gram_text_store(int kind, id id, text folded) exec
INSERT INTO gram_text (kind, id, folded) VALUES (:kind, :id, :folded)
  ON DUPLICATE KEY UPDATE folded = VALUES(folded);

-- gram_count(int kind, text gram, int limit) row
SELECT COUNT(*) AS n FROM (SELECT 1 FROM gram WHERE kind = :kind AND gram = :gram LIMIT :limit) some;
