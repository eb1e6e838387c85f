#include <armature/armature.hpp>

int main() { return armature::to_string(armature::Method::get) == "GET" ? 0 : 1; }
