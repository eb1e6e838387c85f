// Pistache's hello world, compiled (never run) beside Armature's by `scripts/bench compile`.
#include <pistache/endpoint.h>

struct Hello : Pistache::Http::Handler {
    HTTP_PROTOTYPE(Hello)

    void onRequest(const Pistache::Http::Request&,
                   Pistache::Http::ResponseWriter response) override {
        response.send(Pistache::Http::Code::Ok, "Hello, World!");
    }
};

int main() { Pistache::Http::listenAndServe<Hello>(Pistache::Address("127.0.0.1:8080")); }
