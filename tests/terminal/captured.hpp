#pragma once

#include "terminal/terminal.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace armature::terminal {

/// A terminal whose two streams are kept as texts.
class Captured {
  public:
    explicit Captured(bool is_terminal = false) : terminal(out_.file, err_.file, is_terminal) {}

    [[nodiscard]] std::string out() { return out_.text(); }
    [[nodiscard]] std::string err() { return err_.text(); }

  private:
    struct Stream {
        Stream() : file(::open_memstream(&bytes, &size)) {}
        ~Stream() {
            std::fclose(file);
            std::free(bytes);
        }
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;
        [[nodiscard]] std::string text() const {
            std::fflush(file);
            return {bytes, size};
        }
        char* bytes = nullptr;
        std::size_t size = 0;
        std::FILE* file;
    };
    Stream out_;
    Stream err_;

  public:
    Terminal terminal;
};

} // namespace armature::terminal
