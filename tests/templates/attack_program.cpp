// Serves the table of attacks for attacks.mjs: one attack in one place, or all of them in it.
// Prints its URL, serves until SIGTERM.
#include "attacks.hpp"

#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/server/server.hpp>
#include <armature/templates/templates.hpp>

#include <iostream>

using namespace armature;
using namespace armature::testing;

namespace {

struct One {
    std::string value;
};
ARMATURE_DESCRIBE(One, value);
struct All {
    std::vector<std::string> values;
};
ARMATURE_DESCRIBE(All, values);
struct Table {
    std::vector<std::string> places;
    std::vector<std::string> attacks;
};
ARMATURE_DESCRIBE(Table, places, attacks);

constexpr std::string_view head =
    "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><script>function ran() { window.hacked = "
    "(window.hacked || 0) + 1; } function use() {}</script></head><body>";

Templates templates() {
    std::vector<TemplateSource> sources;
    for (const AttackedPlace& place : attacked_places) {
        const std::string name{place.name};
        sources.push_back({"one/" + name + ".html", std::string{head} + std::string{place.html}});
        sources.push_back({"all/" + name + ".html", std::string{head} +
                                                        "{% for value in values %}" +
                                                        std::string{place.html} + "{% endfor %}"});
    }
    return Templates{std::move(sources)};
}

// The same page by somebody who doesn't escape: what the judges must complain about.
Response unescaped(std::string_view place) {
    std::string page{head};
    for (const AttackedPlace& one : attacked_places)
        if (one.name == place)
            for (const std::string& attack : attacks()) {
                std::string html{one.html};
                for (std::size_t at = 0; (at = html.find("{{ value }}", at)) != std::string::npos;
                     at += attack.size())
                    html.replace(at, 11, attack);
                page += html;
            }
    return Response::html(page);
}

} // namespace

int main() {
    const Application app =
        App::create()
            .data(templates())
            .route("/table", get([] {
                       Table table{{}, {}};
                       for (const AttackedPlace& place : attacked_places)
                           table.places.emplace_back(place.name);
                       for (const std::string& attack : attacks())
                           table.attacks.push_back(attack);
                       return Json{std::move(table)};
                   }))
            .route("/one/{place}/{index}", get([](Path<std::string> place, Path<std::size_t> index,
                                                  State<Templates> templates) {
                       const std::string value =
                           *index < attacks().size() ? attacks()[*index] : "harmless";
                       return templates->render("one/" + *place + ".html", One{value});
                   }))
            .route("/all/{place}", get([](Path<std::string> place, State<Templates> templates) {
                       return templates->render("all/" + *place + ".html", All{attacks()});
                   }))
            .route("/unescaped/{place}",
                   get([](Path<std::string> place) { return unescaped(*place); }))
            .build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"};
    options.threads = 1;
    Server server{app, options};
    std::cout << "{\"http\":\"" << server.addresses().at(0) << "\"}" << std::endl; // NOLINT
    server.run();
}
