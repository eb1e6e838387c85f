#include "routing/tree.hpp"

#include <bit>
#include <cstring>

namespace armature {
namespace {

template <class Word>
Word load(const char* bytes) noexcept {
    Word word;
    std::memcpy(&word, bytes, sizeof(Word));
    return word;
}

/// Labels are short, so a call to memcmp would cost more than the comparison.
inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
        }
        return load<std::uint64_t>(a + size - 8) == load<std::uint64_t>(b + size - 8);
    }
    if (size >= 4) {
        return load<std::uint32_t>(a) == load<std::uint32_t>(b) &&
               load<std::uint32_t>(a + size - 4) == load<std::uint32_t>(b + size - 4);
    }
    // First, middle and last: all of three bytes at most, and no loop to mispredict.
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

inline const char* find_slash(const char* position, const char* end) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
        while (end - position >= 8) {
            // The lowest byte that is a slash becomes the lowest one with its high bit set.
            const std::uint64_t zero = load<std::uint64_t>(position) ^ ones * '/';
            if (const std::uint64_t found = (zero - ones) & ~zero & ones * 0x80)
                return position + std::countr_zero(found) / 8;
            position += 8;
        }
    }
    while (position != end && *position != '/')
        ++position;
    return position;
}

/// Of a segment, which has at least one byte. All bytes change the upper bits.
inline std::uint64_t hash_of(const char* bytes, std::size_t size) noexcept {
    constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15; // 2^64 by the golden ratio
    std::uint64_t hash = size;
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8)
            hash = (hash ^ load<std::uint64_t>(bytes + i)) * factor;
        hash ^= load<std::uint64_t>(bytes + size - 8);
    } else if (size >= 4) {
        hash ^= load<std::uint32_t>(bytes) | std::uint64_t{load<std::uint32_t>(bytes + size - 4)}
                                                 << 32;
    } else {
        for (const std::size_t i : {std::size_t{0}, size / 2, size - 1})
            hash = hash << 8 ^ static_cast<unsigned char>(bytes[i]);
    }
    return hash * factor;
}

/// The literal segment that begins at `depth`; nothing where a parameter stands, or nothing.
inline std::u32string_view segment_at(const Shape& shape, std::size_t depth) noexcept {
    std::size_t end = depth;
    while (end < shape.size() && shape[end] != U'/' && shape[end] < first_param_token)
        ++end;
    return std::u32string_view{shape}.substr(depth, end - depth);
}

} // namespace

Tree::Tree(const std::map<Shape, Target>& shapes, std::span<const Constraint> constraints) {
    std::vector<Entry> entries;
    entries.reserve(shapes.size());
    for (const auto& [shape, target] : shapes)
        entries.push_back({&shape, target});
    add_node(entries, 0, constraints);
}

/// Adds the node for entries that share their first `depth` tokens, and everything below it.
std::uint32_t Tree::add_node(std::span<const Entry> entries, std::size_t depth,
                             std::span<const Constraint> constraints) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    if (entries.empty()) return index;

    Node node;
    // The entries are sorted: what the first and the last have in common, all have.
    const Shape& first = *entries.front().shape;
    const Shape& last = *entries.back().shape;
    const std::size_t start = depth;
    while (node.label_size < max_label && depth < first.size() && depth < last.size() &&
           first[depth] == last[depth] && first[depth] < first_param_token) {
        node.label[node.label_size++] = static_cast<char>(first[depth++]);
    }
    // Where many segments may follow, the label ends behind the slash before them.
    std::map<std::u32string_view, std::vector<Entry>> segments;
    std::size_t segment = depth;
    while (segment > start && first[segment - 1] != U'/')
        --segment;
    if (segment > start) {
        for (const Entry& entry : entries)
            if (const auto text = segment_at(*entry.shape, segment); !text.empty())
                segments[text].push_back(entry);
    }
    if (segments.size() >= hashed_segments) {
        node.label_size = static_cast<std::uint8_t>(node.label_size - (depth - segment));
        depth = segment;
    }
    if (first.size() == depth) {
        node.leaf = entries.front().target.leaf;
        node.has_empty_rest = entries.front().target.has_empty_rest;
        entries = entries.subspan(1);
    }

    const auto token_of = [depth](const Entry& entry) { return (*entry.shape)[depth]; };
    const auto take_group = [&] {
        std::size_t size = 1;
        while (size < entries.size() && token_of(entries[size]) == token_of(entries[0]))
            ++size;
        const auto group = entries.first(size);
        entries = entries.subspan(size);
        return group;
    };

    std::vector<std::span<const Entry>> groups;
    while (!entries.empty())
        groups.push_back(take_group());
    if (segments.size() >= hashed_segments) {
        std::erase_if(groups, [&](const auto& g) { return token_of(g[0]) < first_param_token; });
        node.segment_bits = static_cast<std::uint8_t>(std::bit_width(segments.size() * 2 - 1));
        node.first_child = static_cast<std::uint32_t>(segments_.size());
        segments_.resize(segments_.size() + (std::size_t{1} << node.segment_bits));
        for (const auto& [text, behind] : segments)
            add_segment(node, text, add_node(behind, depth + text.size(), constraints));
    }
    for (const auto& group : groups) {
        const char32_t token = token_of(group[0]);
        if (token >= first_param_token) {
            ++node.edge_count;
            continue;
        }
        if (node.child_span == 0) node.first_byte = static_cast<std::uint8_t>(token);
        node.child_span = static_cast<std::uint16_t>(token - node.first_byte + 1);
    }
    if (node.segment_bits == 0) node.first_child = static_cast<std::uint32_t>(children_.size());
    node.first_edge = static_cast<std::uint32_t>(edges_.size());
    children_.resize(children_.size() + node.child_span);
    edges_.resize(edges_.size() + node.edge_count);

    std::size_t edge = node.first_edge;
    for (const auto& group : groups) {
        const char32_t token = token_of(group[0]);
        if (token < first_param_token) {
            const std::uint32_t child = add_node(group, depth, constraints);
            children_[node.first_child + token - node.first_byte] = child;
            continue;
        }
        const Constraint& constraint = constraints[token - first_param_token];
        const std::uint32_t target = constraint.kind == ParamKind::wildcard
                                         ? group[0].target.leaf
                                         : add_node(group, depth + 1, constraints);
        edges_[edge++] = {constraint, target};
    }
    nodes_[index] = node;
    return index;
}

void Tree::add_segment(const Node& node, std::u32string_view text, std::uint32_t target) {
    Segment segment;
    segment.node = target;
    segment.text = static_cast<std::uint32_t>(texts_.size());
    segment.size = static_cast<std::uint32_t>(text.size());
    for (const char32_t c : text)
        texts_ += static_cast<char>(c);
    const std::size_t mask = (std::size_t{1} << node.segment_bits) - 1;
    std::size_t slot =
        hash_of(texts_.data() + segment.text, segment.size) >> (64 - node.segment_bits);
    while (segments_[node.first_child + slot].node != 0)
        slot = (slot + 1) & mask;
    segments_[node.first_child + slot] = segment;
}

const Tree::Node* Tree::find_segment(const Node& node, std::string_view text) const noexcept {
    const std::size_t mask = (std::size_t{1} << node.segment_bits) - 1;
    std::size_t slot = hash_of(text.data(), text.size()) >> (64 - node.segment_bits);
    for (;; slot = (slot + 1) & mask) {
        const Segment& segment = segments_[node.first_child + slot];
        if (segment.node == 0) return nullptr;
        if (segment.size == text.size() &&
            equal_bytes(texts_.data() + segment.text, text.data(), text.size()))
            return &nodes_[segment.node];
    }
}

std::uint32_t Tree::find_from(const Node* node, const char* position, const char* end,
                              PathParams& params) const noexcept {
    for (;;) {
        const std::size_t label_size = node->label_size;
        if (static_cast<std::size_t>(end - position) < label_size ||
            !equal_bytes(position, node->label, label_size)) {
            return no_leaf;
        }
        position += label_size;
        if (position == end) {
            if (node->has_empty_rest) params.push({end, 0});
            return node->leaf;
        }

        const unsigned offset = static_cast<unsigned char>(*position) - unsigned{node->first_byte};
        const Node* child = nullptr;
        const char* behind = position; // where the child goes on
        if (offset < node->child_span) {
            // The first child stands next to its parent: a branch that is predicted lets the
            // processor go on with it, a look-up would have to be waited for.
            if (offset == 0) {
                child = node + 1;
            } else if (const std::uint32_t index = children_[node->first_child + offset]) {
                child = &nodes_[index];
            }
        } else if (node->segment_bits != 0 && *position != '/') {
            behind = find_slash(position, end);
            child = find_segment(*node, {position, static_cast<std::size_t>(behind - position)});
        }
        if (node->edge_count == 0) {
            if (child == nullptr) return no_leaf;
            node = child;
            position = behind;
            continue;
        }

        const std::size_t known = params.size();
        if (child != nullptr) {
            const std::uint32_t leaf = find_from(child, behind, end, params);
            if (leaf != no_leaf) return leaf;
            params.truncate(known);
        }
        const char* const slash = find_slash(position, end);
        const std::string_view segment(position, static_cast<std::size_t>(slash - position));
        const Edge* edge = edges_.data() + node->first_edge;
        const Edge* const last = edge + node->edge_count - 1;
        for (;; ++edge) {
            if (edge->constraint.kind == ParamKind::wildcard) {
                params.push({position, static_cast<std::size_t>(end - position)});
                return edge->target;
            }
            const bool accepted = edge->constraint.accepts(segment);
            if (accepted) params.push(segment);
            if (edge == last) {
                if (!accepted) return no_leaf;
                break; // nothing to come back to: go on in this frame
            }
            if (!accepted) continue;
            const std::uint32_t leaf = find_from(&nodes_[edge->target], slash, end, params);
            if (leaf != no_leaf) return leaf;
            params.truncate(known);
        }
        // As above: without children, the only parameter's node is the next one.
        if (node->child_span == 0 && node->segment_bits == 0 && node->edge_count == 1) {
            ++node;
        } else {
            node = &nodes_[edge->target];
        }
        position = slash;
    }
}

} // namespace armature
