// expect: statement_has_another_number_of_placeholders_than_values
#include <armature/db/database.hpp>

armature::Task<armature::db::Rows> find(armature::db::Database& db, int id) {
    return db.query("SELECT name FROM users", id);
}
