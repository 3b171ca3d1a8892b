-- health_ping() row
SELECT version FROM meta WHERE id = 1;
