#include "{{things}}.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {{ns}} {

{{version.functions}}// What a coroutine awaits has a name, for g++ 12. What breaks a rule is answered with 422, and a
// conflict in the database with 409, by the repository.

{{list.defined}}
    auto query = {{things}}_.query();
    if (page->cursor) query.where(armature::db::column(&{{Thing}}::id) > *page->cursor);
    query.order_by(&{{Thing}}::id).limit(page->limit + 1); // one more says whether a page follows
    {{query.with}}
    std::vector<{{Thing}}> items = co_await query.all();
    std::optional<std::string> next;
    if (items.size() > page->limit) {
        items.pop_back();
        next = std::to_string(items.back().id);
    }
    co_return armature::CursorPage<{{Thing}}>{std::move(items), std::move(next)};
}

{{add.defined}}
    {{Thing}} made = std::move(*given);
    made = co_await {{things}}_.insert(std::move(made));
    {{made.load}}
    std::string location = "/{{path}}/" + std::to_string(made.id);
    co_return armature::Created{std::move(made), std::move(location)};
}

{{find.defined}}
    {{find.body}}
}

{{replace.defined}}
    {{replace.body}}
}

{{patch.defined}}
    {{patch.body}}
}

{{remove.defined}}
    {{remove.body}}
}

armature::Module {{things}}_module() {
    return armature::Module{"{{things}}"}
        .provide<armature::db::Repository<{{Thing}}>>()
        .controller<{{Thing}}Controller>();
}

} // namespace {{ns}}
