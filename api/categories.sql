-- Keeps the category as it is until the transaction ends.
-- category_hold(id category) row
SELECT id FROM category WHERE id = :category LOCK IN SHARE MODE;
