#include "app.hpp"
#include "settings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

using namespace armature;

namespace {

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
        if (argc > 1 && std::string_view{argv[1]}.starts_with("--openapi"))
            return print_openapi(argc, argv, showcase::make_app().build(), showcase::describe_api())
                       ? 0
                       : 2;
        const showcase::Settings settings = showcase::read_arguments({argv + 1, argv + argc});
        log::configure(settings.log);
        const Application application = showcase::make_app(settings.app).build();
        Server server{application, settings.server};
        announce(server);
        server.run(); // until SIGTERM or SIGINT
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << "showcase: " << error.what() << '\n';
        return 2;
    }
}
