package civic

import (
	"slices"
	"time"
)

// ExportFormat is what a file for a spreadsheet is written in.
type ExportFormat string

// The formats.
const (
	ExportCSV  ExportFormat = "csv"
	ExportXLSX ExportFormat = "xlsx"
)

// ExportFormats lists every format in the order of a page.
var ExportFormats = []ExportFormat{ExportXLSX, ExportCSV}

// Valid reports whether f is one of ExportFormats.
func (f ExportFormat) Valid() bool { return slices.Contains(ExportFormats, f) }

// ExportState is where a requested export stands.
type ExportState string

// The states.
const (
	ExportWaiting ExportState = "waiting" // nothing was written yet
	ExportRunning ExportState = "running"
	ExportDone    ExportState = "done"    // the file can be downloaded
	ExportFailed  ExportState = "failed"  // its person may have it go on
	ExportExpired ExportState = "expired" // the file was erased
)

// ExportStates lists every state.
var ExportStates = []ExportState{ExportWaiting, ExportRunning, ExportDone, ExportFailed, ExportExpired}

// Export is a list of cases that somebody of the staff asked for as a file.
type Export struct {
	ID   int64
	User UserID
	// Role and Agency are those of the person when the export was asked for: what
	// it holds is what these reach.
	Role   Role
	Agency AgencyCode
	// Query is how the list is narrowed, as the address of the queue has it.
	Query    string
	Format   ExportFormat
	Language Language
	State    ExportState
	Reason   string // a code: why it failed
	// RowsDone of RowsAll cases are written; RowsAll is what was counted when it
	// was asked for, and at the end how many there are.
	RowsDone, RowsAll int
	Size              int64 // bytes of the file, zero until done
	AskedAt           time.Time
	BegunAt           time.Time // zero until the first cases are written
	EndedAt           time.Time // zero until done or failed
}

// Busy reports whether the export goes on by itself.
func (e Export) Busy() bool { return e.State == ExportWaiting || e.State == ExportRunning }
