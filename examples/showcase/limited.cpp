#include "routes.hpp"

#include <armature/middleware/rate_limit.hpp>

using namespace armature;

namespace showcase {

void add_limited(App& app) {
    app.route("/limited",
              get([] { return "You are welcome, ten times a minute"; })
                  .summary("At most ten requests a minute for each client")
                  .tag("Answers")
                  .wrap(RateLimit{RateLimitPolicy::sliding_window(10, Duration::seconds(60))}));
}

} // namespace showcase
