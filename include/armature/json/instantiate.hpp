#pragma once

#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

/// For types of many members that many files read and write: what does it is compiled in one file
/// only, rather than in each of them.
///
///     // order.hpp, behind the description, outside of all namespaces
///     ARMATURE_JSON_EXTERN(shop::Order);
///     // order.cpp
///     ARMATURE_JSON_INSTANTIATE(shop::Order);
#define ARMATURE_JSON_EXTERN(Type) ARMATURE_DETAIL_JSON_TEMPLATES(extern template, Type)
#define ARMATURE_JSON_INSTANTIATE(Type) ARMATURE_DETAIL_JSON_TEMPLATES(template, Type)

#define ARMATURE_DETAIL_JSON_TEMPLATES(declare, Type)                                              \
    namespace armature::detail {                                                                   \
    declare JsonStatus read_value(JsonReader& reader, Type& out);                                  \
    declare void write_value(JsonSink& sink, const Type& value);                                   \
    }                                                                                              \
    static_assert(true)
