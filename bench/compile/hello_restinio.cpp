// restinio's hello world, compiled (never run) beside Armature's by `scripts/bench compile`.
#include <restinio/all.hpp>

int main() {
    restinio::run(restinio::on_this_thread()
                      .port(8080)
                      .address("127.0.0.1")
                      .request_handler([](const auto& request) {
                          return request->create_response().set_body("Hello, World!").done();
                      }));
}
