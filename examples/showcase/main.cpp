#include "nested.hpp"
#include "routes.hpp"
#include "settings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

using namespace armature;

namespace {

Application build(const showcase::Settings& settings) {
    App app = App::create();
    app.body_limit(settings.max_body).wrap(showcase::RecordVisits{});
    showcase::add_hello(app);
    showcase::add_upload(app);
    showcase::add_users(app);
    showcase::add_streams(app);
    showcase::add_bytes(app);
    showcase::add_inspection(app);
    showcase::add_responses(app);
    showcase::add_private(app);
    showcase::add_nested(app);
    showcase::add_websockets(app);
    showcase::add_events(app);
    return app.build();
}

// One line on standard output tells whoever started us that clients can connect, and where.
void announce(const Server& server) {
    JsonWriter json;
    json.begin_object().member("ready", true).member("pid", ::getpid());
    for (const std::string_view address : server.addresses()) {
        const bool is_unix = address.starts_with("unix:");
        json.member(is_unix ? "unix" : "http", is_unix ? address.substr(5) : address);
    }
    for (const std::string_view address : server.https_addresses())
        json.member("https", address);
    for (const std::string_view address : server.http3_addresses())
        json.member("http3", address);
    std::cout << json.end_object().take() << std::endl;
}

} // namespace

int main(int argc, char* argv[]) {
    try {
        const showcase::Settings settings = showcase::read_arguments({argv + 1, argv + argc});
        log::configure(settings.log);
        const Application application = build(settings);
        Server server{application, settings.server};
        announce(server);
        server.run(); // until SIGTERM or SIGINT
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << "showcase: " << error.what() << '\n';
        return 2;
    }
}
