// sharing_program REDIS: a process with a cache that others share. For each line of its input it
// writes one, which ends in its number:
//   ask KEY VALUE  "had" what the cache has for the key, or "loaded VALUE"
//   erase KEY      "erased"
#include <armature/cache/shared_cache.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/redis/store.hpp>

#include <iostream>
#include <memory>
#include <string>

int main(int, char** arguments) {
    using namespace armature;
    RedisOptions options;
    options.url = arguments[1];
    options.connect_timeout = options.timeout = Duration::seconds(30);
    const auto redis = std::make_shared<Redis>(options);
    const SharedCache cache{std::make_shared<RedisStore>(redis),
                            std::make_shared<RedisPubSub>(redis)};
    LocalLoop loop;
    int number = 0;
    for (std::string what, key, value; std::cin >> what >> key;) {
        if (what == "ask") {
            std::cin >> value;
            bool has_loaded = false;
            const auto load = [&]() -> Task<std::string> {
                has_loaded = true;
                co_return value;
            };
            const auto got = loop.run(cache.get_or_load<std::string>(key, load));
            std::cout << (has_loaded ? "loaded " : "had ") << *got;
        } else {
            std::cout << (loop.run(cache.erase(key)) ? "erased" : "not all know");
        }
        std::cout << " #" << ++number << '#' << std::endl;
    }
}
