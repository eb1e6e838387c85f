// clang-format off: short structs on one line, as README.md shows them
// [rest]
#include <armature/armature.hpp>

#include <map>
#include <mutex>

using namespace armature;

struct NewNote { std::string title; std::optional<std::string> text; };
ARMATURE_DESCRIBE(NewNote, (title, min_length(1), max_length(100)), text);

struct Note { std::uint64_t id; std::string title; std::optional<std::string> text; };
ARMATURE_DESCRIBE(Note, id, title, text);

struct Notes { std::mutex mutex; std::map<std::uint64_t, Note> all; std::uint64_t last = 0; };

std::pair<Status, Note> create(Json<NewNote> given, State<Notes> notes) {
    const std::lock_guard lock{notes->mutex};
    const std::uint64_t id = ++notes->last;
    return {Status::created, notes->all[id] = Note{id, given->title, given->text}};
}

std::optional<Note> find(Path<std::uint64_t> id, State<Notes> notes) {
    const std::lock_guard lock{notes->mutex};
    const auto found = notes->all.find(*id);
    return found == notes->all.end() ? std::nullopt : std::optional{found->second};
}

App make_app() {
    return App::create()
        .data(std::make_shared<Notes>())
        .service(scope("/notes").route("/", post(create)).route("/{id}", get(find)));
}

int main() { return make_app().run("127.0.0.1:8080"); }
// [/rest]
// clang-format on
