package civic

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Todo is a small thing to do on a case, for one person until one day.
type Todo struct {
	ID         int64
	Submission SubmissionID
	Text       string
	User       UserID // who is to do it
	Until      Date   // the last day; zero where there is none
	MadeBy     UserID
	MadeAt     time.Time
	DoneBy     UserID // zero while it is open
	DoneAt     time.Time
	// UserName, MadeByName and DoneByName are filled when read.
	UserName, MadeByName, DoneByName string
}

// Late reports whether the day has passed.
func (t Todo) Late(now time.Time) bool {
	return t.DoneAt.IsZero() && t.Until != (Date{}) && !now.Before(t.Until.Start().AddDate(0, 0, 1))
}

// Limits of what staff arrange among themselves on a case.
const (
	// MaxTodo is two lines: what needs more is a note.
	MaxTodo = 200
	// MaxTodos is how many may be open on a case; a list beyond that is not read.
	MaxTodos = 30
	// MaxLinks is how many cases one case refers to.
	MaxLinks = 20
)

// Mention says that somebody was named in an internal note.
type Mention struct {
	Submission SubmissionID
	User       UserID
	By         UserID
	At         time.Time
}

// CaseLink says that staff want to see two cases beside each other.
type CaseLink struct {
	Submission, Other SubmissionID // in either order
	Reason            string
	By                UserID
	At                time.Time
}

// MaySee reports whether a person works on cases and may see this one.
func (s Staff) MaySee(u User, sub Submission) bool {
	who := StaffOf(u)
	return u.Active && u.Role != RoleService && who.May(NoteCase) && who.Check(s.Registry, SeeCase, &sub) == nil
}

// Colleagues are those who work on cases and may see this one, by name.
func (s Staff) Colleagues(sub Submission) []User {
	out := slices.DeleteFunc(slices.Clone(s.Users), func(u User) bool { return !s.MaySee(u, sub) })
	slices.SortStableFunc(out, func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// mention is @ with a sign-in name, or with the part of one before its @, at the
// beginning of a word.
var mention = regexp.MustCompile(`(?:^|[\s(,;:])@([A-Za-z0-9][A-Za-z0-9._%+-]*(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?)`)

// Login is the name by which somebody is mentioned: the sign-in name, or the
// part before its @ where nobody else who may see the case has the same.
func (s Staff) Login(u User, sub Submission) string {
	short, _, _ := strings.Cut(u.Email, "@")
	for _, other := range s.Colleagues(sub) {
		if name, _, _ := strings.Cut(other.Email, "@"); name == short && other.ID != u.ID {
			return u.Email
		}
	}
	return short
}

// Mentioned are those whom a note about a case names, each once, and the names
// that mean nobody who may see it, or more than one.
func (s Staff) Mentioned(sub Submission, text string) (who []UserID, unknown []string) {
	colleagues := s.Colleagues(sub)
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(strings.TrimRight(m[1], ".-_"))
		var found []UserID
		for _, u := range colleagues {
			if short, _, _ := strings.Cut(u.Email, "@"); name == u.Email || name == short {
				found = append(found, u.ID)
			}
		}
		switch {
		case len(found) != 1:
			if !slices.Contains(unknown, "@"+name) {
				unknown = append(unknown, "@"+name)
			}
		case !slices.Contains(who, found[0]):
			who = append(who, found[0])
		}
	}
	return who, unknown
}
