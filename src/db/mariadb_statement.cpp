#include "db/mariadb.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace armature::db::detail {

namespace {

// "2024-02-29T12:00:00.5Z" as MariaDB takes it.
std::string date_time_of(const std::string& text) {
    std::string changed = text;
    if (changed.size() > 10) changed[10] = ' ';
    if (changed.ends_with('Z')) changed.pop_back();
    return changed;
}

std::string_view write_time(const MYSQL_TIME& time, enum_field_types type, unsigned decimals,
                            char (&text)[64]) {
    int size = 0;
    if (type == MYSQL_TYPE_TIME)
        size = std::snprintf(text, sizeof text, "%s%02u:%02u:%02u", time.neg != 0 ? "-" : "",
                             time.day * 24 + time.hour, time.minute, time.second);
    else if (type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_NEWDATE)
        return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%04u-%02u-%02u",
                                                             time.year, time.month, time.day))};
    else
        size = std::snprintf(text, sizeof text, "%04u-%02u-%02u %02u:%02u:%02u", time.year,
                             time.month, time.day, time.hour, time.minute, time.second);
    if (decimals != 0 && decimals <= 6) {
        char fraction[16];
        std::snprintf(fraction, sizeof fraction, ".%06lu", time.second_part);
        std::memcpy(text + size, fraction, decimals + 1);
        size += static_cast<int>(decimals) + 1;
    }
    return {text, static_cast<std::size_t>(size)};
}

unsigned long long bits_of(std::string_view bytes) noexcept {
    unsigned long long bits = 0;
    for (const char c : bytes)
        bits = bits << 8 | static_cast<unsigned char>(c);
    return bits;
}

bool holds_bytes(const MYSQL_FIELD& field) noexcept {
    constexpr unsigned binary_charset = 63;
    if (field.type == MYSQL_TYPE_GEOMETRY) return true;
    return field.charsetnr == binary_charset &&
           ((field.type >= MYSQL_TYPE_TINY_BLOB && field.type <= MYSQL_TYPE_STRING) ||
            field.type == MYSQL_TYPE_VARCHAR);
}

void add_columns(const MYSQL_FIELD* fields, std::size_t count, Rows& rows) {
    for (std::size_t i = 0; i < count; ++i)
        rows.add_column({fields[i].name, fields[i].name_length});
}

} // namespace

void add_text_rows(MYSQL_RES* result, Rows& rows) {
    const MYSQL_FIELD* const fields = mysql_fetch_fields(result);
    const std::size_t count = mysql_num_fields(result);
    add_columns(fields, count, rows);
    while (MYSQL_ROW row = mysql_fetch_row(result)) {
        const unsigned long* const sizes = mysql_fetch_lengths(result);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view value{row[i], row[i] == nullptr ? 0 : sizes[i]};
            if (row[i] == nullptr)
                rows.add_null();
            else if (fields[i].type == MYSQL_TYPE_BIT)
                rows.add_text(std::to_string(bits_of(value)));
            else if (holds_bytes(fields[i]))
                rows.add_bytes(value);
            else
                rows.add_text(value);
        }
    }
}

void MariadbStatement::bind(const std::vector<Value>& values) {
    const std::size_t count = mysql_stmt_param_count(handle_.get());
    std::size_t used = 0;
    for (const std::size_t value : sql.values)
        used = std::max(used, value == SIZE_MAX ? SIZE_MAX : value + 1);
    if (count != sql.values.size() || used != values.size())
        throw DatabaseError{
            ErrorKind::syntax,
            {"MariaDB: the statement's placeholders are $1 to $n, one for each value", "42P02"}};
    parameters_.assign(count, MYSQL_BIND{});
    times_.clear();
    times_.reserve(count);
    integers_.assign(count, 0);
    reals_.assign(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        const Value& value = values[sql.values[i]];
        MYSQL_BIND& place = parameters_[i];
        const std::string* text = &value.text();
        switch (value.kind()) {
        case Value::Kind::null:
            place.buffer_type = MYSQL_TYPE_NULL;
            continue;
        case Value::Kind::boolean:
        case Value::Kind::integer:
            integers_[i] =
                value.kind() == Value::Kind::boolean ? (value.boolean() ? 1 : 0) : value.integer();
            place.buffer_type = MYSQL_TYPE_LONGLONG;
            place.buffer = &integers_[i];
            continue;
        case Value::Kind::real:
            reals_[i] = value.real();
            place.buffer_type = MYSQL_TYPE_DOUBLE;
            place.buffer = &reals_[i];
            continue;
        case Value::Kind::text:
            if (value.is_date_time()) text = &times_.emplace_back(date_time_of(value.text()));
            // Otherwise a DECIMAL would be compared as a double.
            place.buffer_type = value.is_decimal() ? MYSQL_TYPE_NEWDECIMAL : MYSQL_TYPE_STRING;
            break;
        case Value::Kind::bytes:
            place.buffer_type = MYSQL_TYPE_BLOB;
            break;
        }
        place.buffer = const_cast<char*>(text->data());
        place.buffer_length = text->size();
    }
    if (count != 0) mysql_stmt_bind_param(handle_.get(), parameters_.data());
}

void MariadbStatement::name_columns(Rows& rows) const {
    add_columns(mariadb_stmt_fetch_fields(handle_.get()), mysql_stmt_field_count(handle_.get()),
                rows);
}

void MariadbStatement::bind_columns() {
    const std::size_t count = mysql_stmt_field_count(handle_.get());
    const MYSQL_FIELD* const fields = mariadb_stmt_fetch_fields(handle_.get());
    columns_.assign(count, Column{});
    std::vector<MYSQL_BIND> places(count);
    for (std::size_t i = 0; i < count; ++i) {
        const MYSQL_FIELD& field = fields[i];
        Column& column = columns_[i];
        MYSQL_BIND& place = places[i];
        column.type = field.type;
        column.decimals = field.decimals;
        column.is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
        place.length = &column.size;
        place.is_null = &column.is_null;
        place.buffer = &column.slot;
        place.is_unsigned = column.is_unsigned ? 1 : 0;
        switch (field.type) {
        case MYSQL_TYPE_TINY:
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_LONGLONG:
        case MYSQL_TYPE_YEAR:
            place.buffer_type = MYSQL_TYPE_LONGLONG;
            column.type = MYSQL_TYPE_LONGLONG;
            break;
        case MYSQL_TYPE_FLOAT:
        case MYSQL_TYPE_DOUBLE:
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_TIME:
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_TIMESTAMP:
            place.buffer_type = field.type;
            break;
        default:
            // How long it is is known when it is there.
            place.buffer_type = MYSQL_TYPE_STRING;
            place.buffer = nullptr;
            column.is_bytes = holds_bytes(field);
        }
    }
    if (count != 0) mysql_stmt_bind_result(handle_.get(), places.data());
}

void MariadbStatement::add_row(Rows& rows) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Column& column = columns_[i];
        if (column.is_null != 0) {
            rows.add_null();
            continue;
        }
        char text[64];
        char* end = text;
        switch (column.type) {
        case MYSQL_TYPE_LONGLONG:
            end = column.is_unsigned
                      ? std::to_chars(text, text + sizeof text,
                                      static_cast<unsigned long long>(column.slot.integer))
                            .ptr
                      : std::to_chars(text, text + sizeof text, column.slot.integer).ptr;
            break;
        case MYSQL_TYPE_FLOAT:
            end = std::to_chars(text, text + sizeof text, column.slot.single).ptr;
            break;
        case MYSQL_TYPE_DOUBLE:
            end = std::to_chars(text, text + sizeof text, column.slot.real).ptr;
            break;
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_TIME:
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_TIMESTAMP:
            rows.add_text(write_time(column.slot.time, column.type, column.decimals, text));
            continue;
        default:
            scratch_.resize(column.size);
            if (column.size != 0) {
                MYSQL_BIND place{};
                place.buffer_type = MYSQL_TYPE_STRING;
                place.buffer = scratch_.data();
                place.buffer_length = column.size;
                mysql_stmt_fetch_column(handle_.get(), &place, static_cast<unsigned>(i), 0);
            }
            if (column.type == MYSQL_TYPE_BIT)
                end = std::to_chars(text, text + sizeof text, bits_of(scratch_)).ptr;
            else if (column.is_bytes) {
                rows.add_bytes(scratch_);
                continue;
            } else {
                rows.add_text(scratch_);
                continue;
            }
        }
        rows.add_text({text, static_cast<std::size_t>(end - text)});
    }
}

} // namespace armature::db::detail
