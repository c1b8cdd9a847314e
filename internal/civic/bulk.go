package civic

import (
	"slices"
	"time"
)

// BulkAct names an act that can be done to many cases at once, as the address
// of the act on one case spells it.
type BulkAct string

// The acts.
const (
	BulkAssign      BulkAct = "assign"
	BulkHandBack    BulkAct = "hand-back"
	BulkReject      BulkAct = "reject"
	BulkMerge       BulkAct = "merge"
	BulkExtend      BulkAct = "extend"
	BulkTag         BulkAct = "tag"
	BulkUntag       BulkAct = "untag"
	BulkRelease     BulkAct = "release"
	BulkDecideScope BulkAct = "decide-scope"
	BulkUrgent      BulkAct = "urgent"
	BulkNotUrgent   BulkAct = "not-urgent"
)

// BulkActs lists every act in the order of a page.
var BulkActs = []BulkAct{
	BulkTag, BulkUntag, BulkAssign, BulkUrgent, BulkNotUrgent, BulkMerge, BulkExtend, BulkHandBack, BulkRelease, BulkDecideScope, BulkReject,
}

// bulkNeeds is which permission each act needs on each of its cases.
var bulkNeeds = map[BulkAct]Permission{
	BulkAssign: AssignCase, BulkHandBack: HandleCase, BulkReject: TriageCase, BulkMerge: TriageCase, BulkExtend: HandleCase,
	BulkTag: NoteCase, BulkUntag: NoteCase, BulkRelease: TriageCase, BulkDecideScope: TriageCase,
	BulkUrgent: AssignCase, BulkNotUrgent: AssignCase,
}

// Needs is the permission that the act needs.
func (a BulkAct) Needs() Permission { return bulkNeeds[a] }

// Valid reports whether a is one of BulkActs.
func (a BulkAct) Valid() bool { return slices.Contains(BulkActs, a) }

// Undoable reports whether the act can be taken back. What a sender was told
// once cannot: a refusal, a later deadline, a receipt.
func (a BulkAct) Undoable() bool {
	return slices.Contains([]BulkAct{BulkAssign, BulkHandBack, BulkMerge, BulkTag, BulkUntag, BulkUrgent, BulkNotUrgent}, a)
}

// BulkState is where an act on many cases stands.
type BulkState string

// The states.
const (
	BulkChecking BulkState = "checking" // finding out what would happen to each
	BulkReady    BulkState = "ready"    // waits for the person's word
	BulkRunning  BulkState = "running"
	BulkDone     BulkState = "done"
	BulkDropped  BulkState = "dropped" // the person thought better of it
)

// BulkStates lists every state.
var BulkStates = []BulkState{BulkChecking, BulkReady, BulkRunning, BulkDone, BulkDropped}

// LineState is what became of one case of an act.
type LineState string

// The line states.
const (
	LineWaiting LineState = "waiting"
	LineFit     LineState = "fit"     // was tried without effect and would go through
	LineUnfit   LineState = "unfit"   // would be refused, and is left alone
	LineDone    LineState = "done"    // was done
	LineRefused LineState = "refused" // was fit, and refused when it came to it
)

// LineStates lists every line state.
var LineStates = []LineState{LineWaiting, LineFit, LineUnfit, LineDone, LineRefused}

// BulkWork is one act on many cases.
type BulkWork struct {
	ID       int64
	User     UserID
	UserName string // filled when read
	Act      BulkAct
	// Input is what was typed into the form.
	Input map[string]string
	State BulkState
	// UndoOf is the work that this one takes back, zero for none; UndoneBy is the
	// work that took this one back, filled when read.
	UndoOf, UndoneBy int64
	// Capped tells that there were more cases than one act takes.
	Capped  bool
	MadeAt  time.Time
	BegunAt time.Time // zero until the person gave the word
	EndedAt time.Time // zero until every line is settled
	// Lines counts the cases by what became of them; filled when read.
	Lines map[LineState]int
}

// Total is how many cases the work has.
func (w BulkWork) Total() int {
	n := 0
	for _, k := range w.Lines {
		n += k
	}
	return n
}

// BulkLine is one case of an act on many.
type BulkLine struct {
	Work       int64
	Place      int // from 1
	Submission SubmissionID
	Version    int // that the person saw
	State      LineState
	Reason     string // a code: why it is unfit or was refused
	// Was and Became are the case before and after, empty until tried.
	Was, Became string
	SettledAt   time.Time
	// Code, Title and Language are the case's, filled when read.
	Code     Code
	Title    string
	Language Language
}
