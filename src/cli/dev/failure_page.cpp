#include "cli/dev/failure.hpp"
#include "templates/escape.hpp"

#include <armature/json/nlohmann.hpp>

namespace armature::cli::dev {

namespace {

using armature::detail::escape_html;

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #59636e; --line: #d1d9e0;
  --bad: #b3261e; --bad-ground: #fdeceb; --code: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161b; --text: #e6edf3; --faint: #9aa4af;
  --line: #30363d; --bad: #ff8a80; --bad-ground: #3a1d1d; --code: #1a2027; } }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.5rem; }
h1 { margin: 0; font-size: 1.6rem; color: var(--bad); }
h2 { margin: 0 0 .5rem; font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: .4rem 0 1.5rem; }
section { margin: 0 0 1.25rem; padding: 1rem; border: 1px solid var(--line);
  border-left: 4px solid var(--bad); border-radius: 6px; }
.place { font: 14px/1.5 ui-monospace, monospace; color: var(--faint); }
pre { margin: .5rem 0 0; padding: .5rem 0; overflow-x: auto; background: var(--code);
  border-radius: 4px; font: 14px/1.5 ui-monospace, monospace; }
pre span { display: block; padding: 0 .75rem; white-space: pre; }
pre .at { background: var(--bad-ground); }
pre b { display: inline-block; min-width: 3.5em; font-weight: 400; color: var(--faint); }
pre.output { padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 2rem; font-size: .9rem; color: var(--faint); }
)";

std::string link_of(std::string pattern, const Complaint& complaint) {
    const auto put = [&](std::string_view name, const std::string& value) {
        if (const std::size_t at = pattern.find(name); at != pattern.npos)
            pattern.replace(at, name.size(), value);
    };
    put("{line}", std::to_string(complaint.line));
    put("{column}", std::to_string(complaint.column == 0 ? 1 : complaint.column));
    put("{file}", complaint.path); // last: it may look like the others
    return pattern;
}

void put_place(std::string& page, const Complaint& complaint, const PageOptions& options) {
    std::string place = complaint.file;
    if (complaint.line > 0) place += ':' + std::to_string(complaint.line);
    if (complaint.column > 0) place += ':' + std::to_string(complaint.column);
    page += "<div class=\"place\">";
    const bool leads = !options.editor.empty() && !complaint.path.empty();
    if (leads) {
        page += "<a href=\"";
        escape_html(page, link_of(options.editor, complaint));
        page += "\">";
    }
    escape_html(page, place);
    page += leads ? "</a></div>" : "</div>";
}

void put_source(std::string& page, const Complaint& complaint) {
    if (complaint.source.empty()) return;
    page += "<pre>";
    for (const Complaint::Line& line : complaint.source) {
        page += line.number == complaint.line ? "<span class=\"at\"><b>" : "<span><b>";
        page += std::to_string(line.number) + "</b>";
        escape_html(page, line.text);
        page += "</span>";
    }
    page += "</pre>";
}

} // namespace

std::string failure_page(const Failure& failure, const PageOptions& options) {
    std::string page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
    escape_html(page, failure.title);
    page += "</title><meta name=\"viewport\" content=\"width=device-width\"><style>";
    page += style;
    page += "</style></head><body><main><h1>";
    escape_html(page, failure.title);
    page += "</h1><p>";
    escape_html(page, failure.detail);
    page += "</p>";
    for (const Complaint& complaint : failure.complaints) {
        page += "<section><h2>";
        escape_html(page, complaint.message);
        page += "</h2>";
        put_place(page, complaint, options);
        put_source(page, complaint);
        page += "</section>";
    }
    if (!failure.output.empty()) {
        page += failure.complaints.empty() ? "<details open>" : "<details>";
        page += "<summary>Output</summary><pre class=\"output\">";
        escape_html(page, failure.output);
        page += "</pre></details>";
    }
    page += "<footer>armature dev: this page goes when you save a source that helps.</footer>"
            "</main>";
    page += options.script;
    page += "</body></html>\n";
    return page;
}

std::string failure_problem(const Failure& failure) {
    nlohmann::json errors = nlohmann::json::array();
    for (const Complaint& complaint : failure.complaints) {
        nlohmann::json error{{"file", complaint.file}, {"message", complaint.message}};
        if (complaint.line > 0) error["line"] = complaint.line;
        if (complaint.column > 0) error["column"] = complaint.column;
        errors.push_back(std::move(error));
    }
    return to_json(nlohmann::json{{"type", "about:blank"},
                                  {"title", failure.title},
                                  {"status", 503},
                                  {"detail", failure.detail},
                                  {"errors", std::move(errors)},
                                  {"output", failure.output}});
}

} // namespace armature::cli::dev
