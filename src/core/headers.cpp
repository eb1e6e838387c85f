#include "core/characters.hpp"

#include <armature/core/headers.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace armature {

namespace {

constexpr std::size_t first_text_block = 256;
// `clear` keeps at most one block of this size for the next message.
constexpr std::size_t kept_text_block = 4096;

bool valid_name(FieldName name) noexcept {
    return name.is_kept() || (is_token(name.text()) &&
                              name.text().size() <= std::numeric_limits<std::uint16_t>::max());
}

bool valid_value(std::string_view value) noexcept {
    return is_field_value(value) && value.size() <= std::numeric_limits<std::uint32_t>::max();
}

void check(FieldName name) {
    if (!valid_name(name)) throw std::invalid_argument("a field name must be a token");
}

std::string_view checked_value(std::string_view value) {
    value = trim(value);
    if (!valid_value(value))
        throw std::invalid_argument("a field value may hold no control character but HTAB");
    return value;
}

} // namespace

// A block of text, the newest first; the characters follow the block's head.
struct Headers::Text {
    Text* next;
    std::size_t capacity;
    std::size_t used;

    static Text* create(Text* next, std::size_t capacity) {
        void* memory = ::operator new(sizeof(Text) + capacity);
        return ::new (memory) Text{next, capacity, 0};
    }
    static void destroy(Text* block) noexcept {
        while (block)
            ::operator delete(std::exchange(block, block->next));
    }
    // Room for `size` characters in the newest block, which is a new one if it must be.
    static char* take(Text*& newest, std::size_t size) {
        if (!newest || newest->capacity - newest->used < size) {
            const std::size_t wanted = newest ? newest->capacity * 2 : first_text_block;
            newest = create(newest, std::max(wanted, size));
        }
        char* room = reinterpret_cast<char*>(newest + 1) + newest->used;
        newest->used += size;
        return room;
    }
};

bool Headers::equal_names(std::string_view a, std::string_view b) noexcept {
    return equal_ignoring_case(a, b);
}

Headers::Headers(const Headers& other) : Headers() {
    std::size_t text_size = 0;
    for (const Entry& entry : other)
        text_size += entry.name_size_ + entry.value_size_;
    if (text_size != 0) text_ = Text::create(nullptr, text_size);
    for (const Entry& entry : other)
        append_view(entry.field_, keep(entry.name()), keep(entry.value()));
}

Headers& Headers::operator=(const Headers& other) {
    if (this != &other) *this = Headers(other);
    return *this;
}

Headers& Headers::operator=(Headers&& other) noexcept {
    if (this == &other) return *this;
    release();
    take(other);
    return *this;
}

void Headers::swap(Headers& other) noexcept {
    if (entries_ == inline_ || other.entries_ == other.inline_) {
        Headers moved{std::move(other)};
        other = std::move(*this);
        *this = std::move(moved);
        return;
    }
    std::swap(entries_, other.entries_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(present_, other.present_);
    std::swap(text_bound_, other.text_bound_);
    std::swap(text_, other.text_);
}

std::optional<std::string_view> Headers::get_other(std::string_view name) const noexcept {
    for (const Entry& entry : *this)
        if (entry.field_ == Field::other && equal_ignoring_case(entry.name(), name))
            return entry.value();
    return std::nullopt;
}

void Headers::append(FieldName name, std::string_view value) {
    value = checked_value(value);
    check(name);
    const std::string_view kept_name = keep_name(name);
    append_view(name.field(), kept_name, keep(value));
}

void Headers::set(FieldName name, std::string_view value) {
    value = checked_value(value);
    check(name);
    Entry* const last = entries_ + size_;
    Entry* first = last;
    if (maybe(name.field()))
        first =
            std::find_if(entries_, last, [&](const Entry& entry) { return matches(entry, name); });
    if (first == last) {
        const std::string_view kept_name = keep_name(name);
        append_view(name.field(), kept_name, keep(value));
        return;
    }
    separate();
    const std::string_view kept_value = keep(value);
    first->value_ = kept_value.data();
    first->value_size_ = static_cast<std::uint32_t>(kept_value.size());
    text_bound_ += kept_value.size();
    remove(first + 1, name);
}

bool Headers::try_append(FieldName name, std::string_view value) {
    if (!valid_name(name) || !valid_value(value)) return false;
    append(name, value);
    return true;
}

bool Headers::try_set(FieldName name, std::string_view value) {
    if (!valid_name(name) || !valid_value(value)) return false;
    set(name, value);
    return true;
}

std::size_t Headers::erase(FieldName name) noexcept {
    const std::size_t removed = remove(entries_, name);
    if (removed == 0) return 0;
    present_[0] = present_[1] = 0;
    for (const Entry& entry : *this)
        mark(entry.field_);
    return removed;
}

void Headers::rebase(const char* from, std::size_t size, const char* to) noexcept {
    // Unsigned differences: a pointer before `from` is far above `size`.
    const auto move = [&](const char*& text) {
        const auto offset =
            reinterpret_cast<std::uintptr_t>(text) - reinterpret_cast<std::uintptr_t>(from);
        if (offset < size) text = to + offset;
    };
    for (Entry* entry = entries_; entry != entries_ + size_; ++entry) {
        move(entry->name_);
        move(entry->value_);
    }
}

std::size_t Headers::remove(Entry* from, FieldName name) noexcept {
    Entry* const last = entries_ + size_;
    Entry* const kept =
        std::remove_if(from, last, [&](const Entry& entry) { return matches(entry, name); });
    size_ = static_cast<std::uint32_t>(kept - entries_);
    if (kept != last) separate();
    return static_cast<std::size_t>(last - kept);
}

void Headers::join() {
    std::size_t size = 0;
    for (const Entry& entry : *this)
        size += entry.name_size_ + entry.value_size_ + 4u;
    Text* const joined = Text::create(nullptr, size + room_behind_lines);
    char* at = reinterpret_cast<char*>(joined + 1);
    joined->used = size;
    const auto put = [&](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
    for (Entry* entry = entries_; entry != entries_ + size_; ++entry) {
        const std::string_view name = entry->name();
        const std::string_view value = entry->value();
        entry->name_ = at;
        put(name);
        put(": ");
        entry->value_ = at;
        put(value);
        put("\r\n");
    }
    Text::destroy(std::exchange(text_, joined));
    if (size_ != 0) entries_->joined_ = static_cast<std::uint8_t>(std::min(size_, 255u));
}

void Headers::append_views(const Headers& other) {
    if (capacity_ - size_ < other.size_) [[unlikely]]
        reserve(std::size_t{size_} + other.size_);
    std::memcpy(static_cast<void*>(entries_ + size_), other.entries_, other.size_ * sizeof(Entry));
    size_ += other.size_;
    present_[0] |= other.present_[0];
    present_[1] |= other.present_[1];
    text_bound_ += other.text_bound_;
}

// Forgets which lines are joined, because one of them changes.
void Headers::separate() noexcept {
    for (Entry* entry = entries_; entry != entries_ + size_; ++entry)
        entry->joined_ = 0;
}

void Headers::append_behind(Entry line) {
    grow_to(std::size_t{capacity_} * 2);
    append_view(line);
}

void Headers::append_behind(const Entry* lines, std::uint32_t count) {
    for (const Entry* const end = lines + count; lines != end; ++lines)
        append_view(*lines);
}

void Headers::grow_to(std::size_t wanted) {
    const auto capacity = static_cast<std::uint32_t>(std::max<std::size_t>(wanted, capacity_ * 2u));
    auto* const entries = static_cast<Entry*>(::operator new(capacity * sizeof(Entry)));
    std::uninitialized_copy_n(entries_, size_, entries);
    if (entries_ != inline_) ::operator delete(entries_);
    entries_ = entries;
    capacity_ = capacity;
}

void Headers::release() noexcept {
    if (entries_ != inline_) ::operator delete(entries_);
    Text::destroy(std::exchange(text_, nullptr));
}

void Headers::release_text() noexcept {
    Text::destroy(std::exchange(text_->next, nullptr));
    text_->used = 0;
    if (text_->capacity > kept_text_block) Text::destroy(std::exchange(text_, nullptr));
}

void Headers::take(Headers& other) noexcept {
    if (other.entries_ == other.inline_) {
        std::uninitialized_copy_n(other.inline_, other.size_, inline_);
        entries_ = inline_;
    } else {
        entries_ = std::exchange(other.entries_, other.inline_);
    }
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, std::uint32_t{inline_capacity});
    present_[0] = std::exchange(other.present_[0], 0);
    present_[1] = std::exchange(other.present_[1], 0);
    text_bound_ = std::exchange(other.text_bound_, 0);
    text_ = std::exchange(other.text_, nullptr);
}

std::string_view Headers::keep(std::string_view text) {
    if (text.empty()) return "";
    char* const copy = Text::take(text_, text.size());
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

std::string_view Headers::keep_name(FieldName name) {
    if (name.field() != Field::other) return field_name(name.field());
    const std::string_view text = name.text();
    if (name.is_kept()) return text;
    char* const copy = Text::take(text_, text.size());
    copy_in_lower_case(text, copy);
    return {copy, text.size()};
}

} // namespace armature
