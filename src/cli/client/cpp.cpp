#include "cli/client/cpp_calls.hpp"
#include "cli/client/cpp_text.hpp"
#include "cli/client/generate.hpp"
#include "cli/client/runtime.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace cpp_text;

namespace {

// The files of a C++ client.
class Cpp {
  public:
    Cpp(const spec::Document& document, const Options& options)
        : document_(document), package_(package_name(document, options)),
          model_(document, warnings_, CppTypes::reserved()), types_(model_, warnings_),
          calls_(document, model_, warnings_, types_) {}

    Generated run() {
        const std::string top =
            "// Made from \"" + single_line(document_.title()) + "\" " +
            single_line(document_.api_version()) +
            " by `armature client`. Changes here are lost when it is made again.\n";
        calls_.write();
        const CppTypes::Written types = types_.write(top, package_);
        Generated out;
        std::vector<std::string> sources;
        const auto add = [&](const std::string& name, const std::vector<std::string>& texts) {
            for (std::size_t i = 0; i != texts.size(); ++i) {
                sources.push_back(name + (i == 0 ? "" : "_" + std::to_string(i + 1)) + ".cpp");
                out.files.push_back({sources.back(), texts[i]});
            }
        };
        out.files.push_back({"types.hpp", types.header});
        add("types", types.sources);
        out.files.push_back({"api.hpp", calls_.header(top, package_)});
        add("api", calls_.sources(top, package_));
        out.files.push_back({"client.hpp", with_package(runtime::cpp_client)});
        add("client", {with_package(runtime::cpp_client_source)});
        out.files.push_back({"CMakeLists.txt", cmake_file(sources)});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = calls_.functions();
        out.types = types.count;
        return out;
    }

  private:
    static std::string package_name(const spec::Document& document, const Options& options) {
        std::string out = snake_case(options.package.empty() ? document.title() : options.package);
        if (out.empty()) out = "api";
        if (out.front() >= '0' && out.front() <= '9') out.insert(0, "api_");
        return keywords().contains(out) ? out + "_api" : out;
    }
    [[nodiscard]] std::string with_package(std::string_view text) const {
        std::string out(text);
        for (std::size_t at = 0; (at = out.find("PACKAGE", at)) != out.npos; at += package_.size())
            out.replace(at, 7, package_);
        return out;
    }
    std::string cmake_file(const std::vector<std::string>& sources) const {
        std::string list;
        for (const std::string& source : sources)
            list += " " + source;
        return "# " + single_line(document_.title()) + ", by `armature client`.\n" +
               "if(NOT TARGET armature::client)\n  find_package(armature REQUIRED COMPONENTS "
               "client "
               "json)\nendif()\nadd_library(" +
               package_ + list + ")\ntarget_compile_features(" + package_ +
               " PUBLIC cxx_std_20)\ntarget_include_directories(" + package_ +
               " PUBLIC \"${CMAKE_CURRENT_SOURCE_DIR}\")\ntarget_link_libraries(" + package_ +
               " PUBLIC armature::client armature::json)\n";
    }

    std::string readme(const std::vector<std::string>& warnings) const {
        std::string out = "# " + package_ + "\n\nA C++20 client of " +
                          single_line(document_.title()) + " " +
                          single_line(document_.api_version()) +
                          ", made by `armature client`, on `armature::Client`.\n\n" +
                          with_package(runtime::cpp_readme);
        if (!warnings.empty()) {
            out += "\n## What this client doesn't do\n\n";
            for (const std::string& warning : warnings)
                out += "- " + single_line(warning) + "\n";
        }
        return out;
    }

    const spec::Document& document_;
    std::string package_;
    Warnings warnings_;
    Model model_;
    CppTypes types_;
    CppCalls calls_;
};

} // namespace

Generated cpp(const spec::Document& document, const Options& options) {
    return Cpp(document, options).run();
}

} // namespace armature::client_gen
