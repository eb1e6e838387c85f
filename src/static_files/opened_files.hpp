#pragma once

#include "static_files/directory.hpp"

#include <armature/core/scheduler.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace armature::detail {

/// What one event loop has opened in its current turn. Under load many clients ask for the same few
/// files at once, and opening one takes three of the six system calls that an answer needs. Nothing
/// is kept from one turn to the next, so what changes is seen at once, and no file is held open.
class OpenedFiles final : TurnHook {
  public:
    /// The calling thread's.
    [[nodiscard]] static OpenedFiles& of_this_thread();

    /// As `Directory::open`.
    [[nodiscard]] Opened open(const Directory& directory, const char* path);

  private:
    struct Entry {
        const Directory* directory = nullptr;
        std::string path;
        Opened opened;
    };
    void turn_is_over() noexcept override;

    std::array<Entry, 16> entries_; // few enough to look through them all
    std::size_t count_ = 0;         ///< of them in use
};

} // namespace armature::detail
