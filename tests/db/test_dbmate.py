"""The same folder of migrations by dbmate and by us, in either order: the same schema, and each takes
the other's files unchanged.

test_dbmate.py PROGRAM"""

import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
DBMATE = str(pathlib.Path(sys.executable).with_name("dbmate"))

FILES = {
    "20240101000000_users.sql": """\
-- migrate:up
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL DEFAULT 'a; b'
);
CREATE TRIGGER no_empty BEFORE INSERT ON users WHEN new.name = '' BEGIN
  SELECT RAISE(ABORT, 'empty; name');
END;

-- migrate:down
DROP TABLE users;
""",
    "20240102000000_posts.sql": """\
-- migrate:up transaction:false
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id));
CREATE INDEX posts_author ON posts (author);

-- migrate:down transaction:false
DROP TABLE posts;
""",
}


def run(command, folder, database, expected=0):
    environment = dict(os.environ, DATABASE_URL="sqlite:" + database)
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == expected, f"{command}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def ours(words, folder, database, expected=0):
    return run([PROGRAM, "migrate", "--dir", "db/migrations", *words], folder, database, expected)


def dbmates(words, folder, database):
    return run([DBMATE, "--no-dump-schema", *words], folder, database)


def schema(path):
    with sqlite3.connect(path) as connection:
        return connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT IN"
            " ('schema_migrations', 'armature_migrations') ORDER BY type, name").fetchall()


with tempfile.TemporaryDirectory() as folder:
    migrations = pathlib.Path(folder, "db/migrations")
    migrations.mkdir(parents=True)
    for name, text in FILES.items():
        migrations.joinpath(name).write_text(text)

    by_us, by_them = folder + "/ours.db", folder + "/theirs.db"
    ours(["up"], folder, by_us)
    dbmates(["up"], folder, by_them)
    assert len(schema(by_us)) == 4
    assert schema(by_us) == schema(by_them)

    # From dbmate to us: what it applied is noted, the rest is applied.
    ours(["status", "--exit-code"], folder, by_them, expected=2)
    assert "2 noted" in ours(["adopt"], folder, by_them)
    ours(["status", "--exit-code"], folder, by_them)
    made = ours(["new", "tags"], folder, by_them).strip()
    pathlib.Path(folder, made).write_text(
        "-- migrate:up\nCREATE TABLE tags (name TEXT);\n-- migrate:down\nDROP TABLE tags;\n")
    assert "applied" in ours(["up"], folder, by_them)
    ours(["down", "3"], folder, by_them)
    assert schema(by_them) == []

    # From us to dbmate: a file that we made is one of its own.
    fresh = folder + "/fresh.db"
    dbmates(["up"], folder, fresh)
    ours(["up"], folder, by_us)
    assert schema(fresh) == schema(by_us)
    for _ in range(3):
        dbmates(["rollback"], folder, fresh)
    assert schema(fresh) == []
print("dbmate and we agree")
