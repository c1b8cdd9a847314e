package civic

import "time"

// View names one of the standing views of the queue.
type View string

// The views. Each is a part of the open cases in a person's reach.
const (
	ViewAll        View = "all"         // every open case in reach: the own agency's, or everybody's
	ViewMine       View = "mine"        // accepted by the person
	ViewClaimed    View = "claimed"     // being triaged by the person
	ViewTriage     View = "triage"      // a coordinator must decide
	ViewUnassigned View = "unassigned"  // accepted by nobody
	ViewApprove    View = "approve"     // somebody else's answer waits for the person's approval
	ViewDueSoon    View = "due_soon"    // due within days
	ViewOverdue    View = "overdue"     // the deadline has passed
	ViewHandedBack View = "handed_back" // handed on by an agency and not accepted by any since
	ViewAwaiting   View = "awaiting"    // the sender was asked for more
	ViewPausedOut  View = "paused_out"  // questions may not stop the clock any more
)

// Views lists every view in the order of a page.
var Views = []View{
	ViewAll, ViewMine, ViewClaimed, ViewTriage, ViewUnassigned, ViewApprove, ViewDueSoon, ViewOverdue, ViewHandedBack, ViewAwaiting, ViewPausedOut,
}

// viewNeeds says which permission a view is for, where it is not for everybody
// who sees the queue.
var viewNeeds = map[View]Permission{
	ViewMine: HandleCase, ViewClaimed: TriageCase, ViewTriage: TriageCase, ViewApprove: ApproveCase, ViewPausedOut: TriageCase,
}

// ViewsFor lists the views that have a meaning for the actor.
func ViewsFor(a Actor) []View {
	var out []View
	for _, v := range Views {
		if p, bound := viewNeeds[v]; !bound || a.May(p) {
			out = append(out, v)
		}
	}
	return out
}

// TagID is the key of a tag.
type TagID int64

// Tag is a word that an agency's staff sort their cases by. Nobody outside the
// agency sees it.
type Tag struct {
	ID     TagID
	Agency AgencyCode // empty: of those who are bound to none
	Name   string
	MadeBy UserID
	MadeAt time.Time
	Cases  int // filled for lists: how many open cases have it
}

// Limits of what staff name, in letters.
const (
	MaxTag      = 40
	MaxViewName = 60
)

// SavedView is the filters of a queue under a name.
type SavedView struct {
	ID     int64
	Owner  UserID
	Agency AgencyCode // whose staff use it once it is shared
	Name   string
	// Query is the filters as the address of the queue writes them.
	Query     string
	Shared    bool
	Version   int // rises with every change, from 1
	CreatedAt time.Time
	UpdatedAt time.Time
	OwnerName string // filled when read
}

// Claim says that somebody triages a case now, so that nobody else begins.
type Claim struct {
	Submission SubmissionID
	User       UserID
	UserName   string // filled when read
	ClaimedAt  time.Time
	ExpiresAt  time.Time
}
