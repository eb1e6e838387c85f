// expect: armature: a value of a statement is a truth value, a number, a text, bytes
#include <armature/db/database.hpp>

struct Point {
    int x = 0;
};

armature::Task<armature::db::Rows> find(armature::db::Database& db, const Point& point) {
    return db.query("SELECT name FROM users WHERE at = $1", point);
}
