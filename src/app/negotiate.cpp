#include "core/characters.hpp"

#include <armature/app/negotiate.hpp>
#include <armature/core/error.hpp>
#include <armature/core/media_type.hpp>

#include <stdexcept>

namespace armature {

Negotiation& Negotiation::add(std::string_view type, const void* object, MakeText make) {
    if (size_ == max_offers)
        throw std::length_error("armature: a negotiation has at most 8 offers");
    types_[size_] = type;
    objects_[size_] = object;
    makers_[size_] = make;
    ++size_;
    return *this;
}

Response Negotiation::respond() {
    const auto chosen = negotiate_media_type(request_.headers(), {types_.data(), size_});
    if (!chosen) {
        std::string detail = "This can be had as ";
        for (std::size_t i = 0; i < size_; ++i)
            detail.append(i == 0 ? "" : ", ").append(types_[i]);
        throw Error{Status::not_acceptable, std::move(detail)}.header("vary", "Accept");
    }
    Response response{Body{makers_[*chosen](objects_[*chosen])}};
    response.headers().append(Field::content_type, types_[*chosen]);
    add_vary(response, "Accept");
    return response;
}

void add_vary(Response& response, std::string_view field) {
    const std::string_view known = response.headers().get(Field::vary).value_or("");
    std::string_view rest = known;
    while (!rest.empty()) {
        const std::string_view name = take_part(rest, ',');
        if (name == "*" || Headers::equal_names(name, field)) return;
    }
    std::string all{known};
    response.header(Field::vary, all.append(all.empty() ? "" : ", ").append(field));
}

} // namespace armature
