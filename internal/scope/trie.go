package scope

import (
	"errors"
	"fmt"
	"slices"
)

// maxPhrase bounds a phrase, in words, and with it what one word of a text can
// cost to look up.
const maxPhrase = 12

// trie finds many phrases in one walk over a text. Words are compared folded;
// what the accents say is checked at the end of a phrase.
type trie[T comparable] struct {
	root *node[T]
	// exact demands the accents of a phrase of one word in any text: "cut" is
	// English more often than "cút" without its accent.
	exact bool
}

type node[T comparable] struct {
	next map[string]*node[T]
	ends []phrase[T]
}

type phrase[T comparable] struct {
	words []string // in lower case, with accents
	value T
}

// found is a phrase in a text: words from to until, half open.
type found[T comparable] struct {
	from, until int
	value       T
}

func newTrie[T comparable]() *trie[T] { return &trie[T]{root: &node[T]{}} }

// add enters a phrase.
func (t *trie[T]) add(text string, value T) error {
	words := readings(text)
	if len(words) == 0 || len(words) > maxPhrase {
		return fmt.Errorf("the phrase %q has no word or more than %d", text, maxPhrase)
	}
	at, spelled := t.root, make([]string, len(words))
	for i, w := range words {
		if at.next == nil {
			at.next = map[string]*node[T]{}
		}
		if at.next[w.folded] == nil {
			at.next[w.folded] = &node[T]{}
		}
		at, spelled[i] = at.next[w.folded], w.spelled
	}
	for _, p := range at.ends {
		if p.value == value && slices.Equal(p.words, spelled) {
			return errors.New("the phrase \"" + text + "\" is there twice")
		}
	}
	at.ends = append(at.ends, phrase[T]{spelled, value})
	return nil
}

// find returns the phrases of a text in order of their place. With hide, one
// that lies within a longer one is left out, whatever that one means:
// "giải quyết khiếu nại" says that a text is about complaints, not that it is
// one.
func (t *trie[T]) find(x *text, hide bool) []found[T] {
	var all []found[T]
	reach := 0 // the furthest end so far
	for i := range x.words {
		longest, at := 0, t.root
		begin := len(all)
		for n := i; n < len(x.words) && at.next != nil; n++ {
			if n > i && x.words[n].sentence != x.words[i].sentence {
				break
			}
			if at = at.next[x.words[n].folded]; at == nil {
				break
			}
			for _, p := range at.ends {
				if !x.spells(i, p.words, t.exact && len(p.words) == 1) {
					continue
				}
				if hide && len(p.words) > longest {
					all, longest = all[:begin], len(p.words)
				}
				all = append(all, found[T]{i, i + len(p.words), p.value})
			}
		}
		if !hide || len(all) == begin {
			continue
		}
		if i+longest <= reach {
			all = all[:begin]
		}
		reach = max(reach, i+longest)
	}
	return all
}
