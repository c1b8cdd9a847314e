package civic

import (
	"maps"
	"slices"
	"time"
)

// EntryKind names a list of the registry that people change on pages.
type EntryKind string

// The kinds of entries.
const (
	AgencyEntry    EntryKind = "agency"
	TopicEntry     EntryKind = "topic"
	AreaEntry      EntryKind = "area"
	RejectionEntry EntryKind = "rejection"
	HoldingEntry   EntryKind = "holding" // how long personal data is kept
)

// EntryKinds lists every kind.
var EntryKinds = []EntryKind{AgencyEntry, TopicEntry, AreaEntry, RejectionEntry, HoldingEntry}

// Entry is one row of a list in the form that all lists have in common. What a
// kind does not have stays empty.
type Entry struct {
	Kind   EntryKind
	Code   string // empty: there is no such entry
	Parent string
	Names  Names
	// Aliases are other names, of an agency or an area.
	Aliases []string
	// Text is what an agency answers for or a topic is about, in Vietnamese;
	// what the sender is told of a rejection; how long a holding is kept.
	Text Names
	// Belongs says where what is rejected does belong.
	Belongs    Names
	Link       string
	Area       string
	Email      string
	Receives   bool
	Valid      Period
	Successors []string
	Source     string
}

// Equal reports whether two entries say the same.
func (e Entry) Equal(o Entry) bool {
	return e.Kind == o.Kind && e.Code == o.Code && e.Parent == o.Parent && maps.Equal(e.Names, o.Names) && slices.Equal(e.Aliases, o.Aliases) &&
		maps.Equal(e.Text, o.Text) && maps.Equal(e.Belongs, o.Belongs) && e.Link == o.Link && e.Area == o.Area && e.Email == o.Email &&
		e.Receives == o.Receives && e.Valid.From.Equal(o.Valid.From) && e.Valid.Until.Equal(o.Valid.Until) &&
		slices.Equal(e.Successors, o.Successors) && e.Source == o.Source
}

// EntryAct names what was done to an entry.
type EntryAct string

// The acts.
const (
	EntryAdded   EntryAct = "added"
	EntryChanged EntryAct = "changed"
	EntryEnded   EntryAct = "ended"
	EntryMerged  EntryAct = "merged" // ended, and another one does its work
	EntryUndone  EntryAct = "undone"
)

// EntryActs lists every act.
var EntryActs = []EntryAct{EntryAdded, EntryChanged, EntryEnded, EntryMerged, EntryUndone}

// EntryChange is a version of an entry that people wrote. The newest of an
// entry decides; one without a code lets hold again what was delivered.
type EntryChange struct {
	ID     int64
	Act    EntryAct
	Kind   EntryKind
	Code   string
	Entry  Entry
	Before Entry // what held until then; without a code there was none
	// Delivered is what the files had at that time, to see later whether they
	// were changed since.
	Delivered Entry
	Undoes    int64 // the change that was taken back
	// Batch is the first change of those that were written together, zero for
	// one alone.
	Batch int64
	// Together counts the others of a batch, filled when the first is read.
	Together  int
	Reason    string
	WrittenAt time.Time
	WrittenBy UserID
	Writer    string // filled when read
}

// Entries returns a list of the registry as entries, in its order.
func (l *Lists) Entries(kind EntryKind) []Entry {
	var out []Entry
	switch kind {
	case AgencyEntry:
		for _, a := range l.Agencies {
			out = append(out, Entry{
				Kind: kind, Code: string(a.Code), Parent: string(a.Parent), Names: a.Names, Aliases: a.Aliases, Text: inVietnamese(a.Competence),
				Area: string(a.Area), Email: a.Email, Receives: a.Receives, Valid: a.Valid, Successors: codes(a.Successors), Source: a.Source,
			})
		}
	case TopicEntry:
		for _, t := range l.Topics {
			out = append(out, Entry{Kind: kind, Code: string(t.Code), Parent: string(t.Parent), Names: t.Names, Text: inVietnamese(t.Description), Valid: t.Valid})
		}
	case AreaEntry:
		for _, a := range l.Areas {
			out = append(out, Entry{Kind: kind, Code: string(a.Code), Names: a.Names, Aliases: a.Aliases, Valid: a.Valid, Source: a.Source})
		}
	case RejectionEntry:
		for _, r := range l.Rejections {
			out = append(out, Entry{Kind: kind, Code: r.Code, Names: r.Names, Text: r.Message, Belongs: r.Belongs, Link: r.Link, Valid: r.Valid})
		}
	case HoldingEntry:
		for _, h := range l.Holdings {
			out = append(out, Entry{Kind: kind, Code: h.Code, Names: h.Name, Text: h.Kept})
		}
	}
	return out
}

func inVietnamese(text string) Names {
	if text == "" {
		return nil
	}
	return Names{Vietnamese: text}
}

func codes[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// With returns the lists with other entries in the place of those with the same
// kind and code, or at the end of their list. Fields that an entry does not have
// stay as they are.
func (l *Lists) With(entries ...Entry) *Lists {
	out := &Lists{
		Agencies: slices.Clone(l.Agencies), Topics: slices.Clone(l.Topics), Areas: slices.Clone(l.Areas),
		Rejections: slices.Clone(l.Rejections), Holdings: slices.Clone(l.Holdings),
	}
	places := map[EntryKey]int{}
	for _, kind := range EntryKinds {
		for i, e := range out.Entries(kind) {
			places[EntryKey{kind, e.Code}] = i
		}
	}
	for _, e := range entries {
		at, known := places[EntryKey{e.Kind, e.Code}]
		if !known {
			at = out.grow(e.Kind)
			places[EntryKey{e.Kind, e.Code}] = at
		}
		out.set(at, e)
	}
	return out
}

// EntryKey names an entry.
type EntryKey struct {
	Kind EntryKind
	Code string
}

// grow adds an empty row to a list and returns its place.
func (l *Lists) grow(kind EntryKind) int {
	switch kind {
	case AgencyEntry:
		l.Agencies = append(l.Agencies, Agency{})
		return len(l.Agencies) - 1
	case TopicEntry:
		l.Topics = append(l.Topics, Topic{})
		return len(l.Topics) - 1
	case AreaEntry:
		l.Areas = append(l.Areas, Area{})
		return len(l.Areas) - 1
	case RejectionEntry:
		l.Rejections = append(l.Rejections, RejectionReason{})
		return len(l.Rejections) - 1
	default:
		l.Holdings = append(l.Holdings, Holding{})
		return len(l.Holdings) - 1
	}
}

// set writes an entry into a row.
func (l *Lists) set(at int, e Entry) {
	switch e.Kind {
	case AgencyEntry:
		a := &l.Agencies[at]
		if !slices.Equal(codes(a.Successors), e.Successors) {
			a.Successors, a.Succession = nil, nil
			for _, s := range e.Successors {
				a.Successors = append(a.Successors, AgencyCode(s))
			}
		}
		a.Code, a.Parent, a.Names, a.Aliases, a.Competence = AgencyCode(e.Code), AgencyCode(e.Parent), e.Names, e.Aliases, e.Text[Vietnamese]
		a.Area, a.Email, a.Receives, a.Valid, a.Source = AreaCode(e.Area), e.Email, e.Receives, e.Valid, e.Source
	case TopicEntry:
		t := &l.Topics[at]
		t.Code, t.Parent, t.Names, t.Description, t.Valid = TopicCode(e.Code), TopicCode(e.Parent), e.Names, e.Text[Vietnamese], e.Valid
	case AreaEntry:
		a := &l.Areas[at]
		a.Code, a.Names, a.Aliases, a.Valid, a.Source = AreaCode(e.Code), e.Names, e.Aliases, e.Valid, e.Source
	case RejectionEntry:
		r := &l.Rejections[at]
		r.Code, r.Names, r.Message, r.Belongs, r.Link, r.Valid = e.Code, e.Names, e.Text, e.Belongs, e.Link, e.Valid
	case HoldingEntry:
		h := &l.Holdings[at]
		h.Code, h.Name, h.Kept = e.Code, e.Names, e.Text
	}
}
