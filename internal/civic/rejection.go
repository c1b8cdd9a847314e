package civic

// RejectionReason is one of the reasons for which a submission is not handled.
// The registry holds the list; Rejection.Reason is its Code.
type RejectionReason struct {
	Code  string // lower snake
	Names Names  // a few words, for staff and the sender's page
	// Message is what the sender is told. Staff add what concerns the case.
	Message Names
	// Belongs says where the matter does belong; empty if nowhere.
	Belongs Names
	// Link is an address for that; empty if there is no single one.
	Link  string
	Valid Period
}
