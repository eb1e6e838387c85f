-- migrate:up
{{sql.up}}

-- migrate:down
{{sql.down}}
