#pragma once

#include "routing/constraint.hpp"

#include <armature/core/path_params.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// A pattern without its parameters' names: each character is a byte of literal text (below 256)
/// or `first_param_token` plus the number of a constraint. Two patterns that match the same paths
/// with the same precedence have the same shape.
using Shape = std::u32string;
inline constexpr char32_t first_param_token = 256;

/// A radix tree over shapes in three flat arrays, read only once it is built.
///
/// Sorting shapes puts literal text before parameters and parameters into the order of their
/// constraints, so the tree's own order is the order of precedence.
class Tree {
  public:
    static constexpr std::uint32_t no_leaf = ~std::uint32_t{0};

    /// Where a shape leads.
    struct Target {
        std::uint32_t leaf = no_leaf;
        /// The path ends before the wildcard's text: its value is empty.
        bool has_empty_rest = false;
    };

    Tree() : Tree({}, {}) {}

    /// `constraints` are in the order of precedence; a wildcard's comes last.
    Tree(const std::map<Shape, Target>& shapes, std::span<const Constraint> constraints);

    /// The leaf of a path, or `no_leaf`; appends the parameters' values. After `no_leaf` the
    /// content of `params` is unspecified.
    [[nodiscard]] std::uint32_t find(std::string_view path, PathParams& params) const noexcept {
        return find_from(nodes_.data(), path.data(), path.data() + path.size(), params);
    }

  private:
    static constexpr std::size_t max_label = 40;
    /// From that many literal segments at one place on, they are found by their hash: the way from
    /// byte to byte would get longer with their number.
    static constexpr std::size_t hashed_segments = 8;

    /// One cache line. Literal text that is longer than a label goes on in an only child.
    struct alignas(64) Node {
        std::uint32_t leaf = no_leaf;  // when the path ends behind the label
        std::uint32_t first_child = 0; // into children_
        std::uint32_t first_edge = 0;  // into edges_
        std::uint16_t edge_count = 0;  // parameters that may follow
        std::uint16_t child_span = 0;  // children are for the bytes first_byte … + child_span
        std::uint8_t first_byte = 0;
        std::uint8_t label_size = 0;
        bool has_empty_rest = false;
        // Not 0: the literal segments that may follow are hashed instead, first_child is into
        // segments_, and there are 2 to the power of this many slots.
        std::uint8_t segment_bits = 0;
        char label[max_label];
    };
    static_assert(sizeof(Node) == 64);

    /// A parameter that follows a node.
    struct Edge {
        Constraint constraint;
        std::uint32_t target = 0; // a node; for a wildcard, a leaf
    };

    /// A literal segment below a node; a free slot has no node. The table is never full.
    struct Segment {
        std::uint32_t node = 0; // the one behind the segment
        std::uint32_t text = 0; // into texts_
        std::uint32_t size = 0;
    };

    struct Entry {
        const Shape* shape;
        Target target;
    };

    std::uint32_t add_node(std::span<const Entry> entries, std::size_t depth,
                           std::span<const Constraint> constraints);
    void add_segment(const Node& node, std::u32string_view text, std::uint32_t target);
    const Node* find_segment(const Node& node, std::string_view text) const noexcept;
    std::uint32_t find_from(const Node* node, const char* position, const char* end,
                            PathParams& params) const noexcept;

    std::vector<Node> nodes_;
    std::vector<std::uint32_t> children_; // nodes; 0, which is the root, where there is none
    std::vector<Edge> edges_;
    std::vector<Segment> segments_;
    std::string texts_;
};

} // namespace armature
