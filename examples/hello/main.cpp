#include "app.hpp"

int main() { return hello::make_app().run("127.0.0.1:8080"); }
