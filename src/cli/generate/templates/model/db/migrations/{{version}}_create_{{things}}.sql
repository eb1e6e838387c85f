-- migrate:up
{{sql.create}}

-- migrate:down
DROP TABLE {{table}};
