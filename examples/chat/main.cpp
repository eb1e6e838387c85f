#include "app.hpp"

int main(int argc, char* argv[]) {
    return chat::make_app().run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
