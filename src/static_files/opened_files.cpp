#include "static_files/opened_files.hpp"

namespace armature::detail {

OpenedFiles& OpenedFiles::of_this_thread() {
    thread_local OpenedFiles opened;
    return opened;
}

Opened OpenedFiles::open(const Directory& directory, const char* path) {
    const std::string_view wanted{path};
    for (std::size_t i = 0; i < count_; ++i)
        if (entries_[i].directory == &directory && entries_[i].path == wanted)
            return entries_[i].opened;
    Opened opened = directory.open(path);
    if (count_ == entries_.size()) return opened;
    Entry& entry = entries_[count_];
    entry.path = wanted;
    if (count_ == 0 && !Scheduler::current().at_turn_end(*this)) return opened;
    entry.directory = &directory;
    entry.opened = opened;
    ++count_;
    return opened;
}

void OpenedFiles::turn_is_over() noexcept {
    for (; count_ > 0; --count_)
        entries_[count_ - 1].opened = {};
}

} // namespace armature::detail
