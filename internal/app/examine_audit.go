package app

import (
	"context"
	"fmt"
	"strings"
)

// faultWords say what is wrong with the audit.
var faultWords = map[string]string{
	"gap":          "entry %d: %s entries before it are missing",
	"hash":         "entry %d does not follow from the one before it, or was altered",
	"seal":         "entry %d: the seal was not made with this installation's key",
	"unsealed_end": "entry %d is the last and has no seal: the end was cut off",
	"shortened":    "entry %d was seen before and is not there any more as it was",
	"line_missing": "entry %d: its line was removed (%s)",
	"line_altered": "entry %d: its line was altered (%s)",
	"text_altered": "entry %d: the reason in its line was altered (%s)",
}

// examineAudit walks the chain of the audit behind what was found whole before,
// or all of it.
func (a *App) examineAudit(ctx context.Context, whole bool) Check {
	c := Check{Name: "audit"}
	r, err := a.Audit.Check(ctx, whole, nil)
	if c.Err = err; err != nil {
		return c
	}
	c.Finding = fmt.Sprintf("entries %d to %d are whole", r.From+1, r.To)
	if r.To <= r.From {
		c.Finding = fmt.Sprintf("nothing new behind entry %d", r.From)
	}
	if len(r.Faults) == 0 {
		return c
	}
	var said []string
	for _, f := range r.Faults {
		switch words := faultWords[f.What]; {
		case f.What == "not_in_chain":
			said = append(said, f.Line+" lines of the logs are older than an hour and not in the chain: is a worker running? If so, they were put in past the program")
		case strings.Contains(words, "%s"):
			said = append(said, fmt.Sprintf(words, f.Seq, f.Line))
		default:
			said = append(said, fmt.Sprintf(words, f.Seq))
		}
	}
	if r.More {
		said = append(said, "and more")
	}
	c.Finding = fmt.Sprintf("%d faults or more between entries %d and %d", len(r.Faults), r.From, r.To)
	c.Err = fmt.Errorf("%s", strings.Join(said, "\n      "))
	c.Advice = "Compare with the last backup, and keep this database as it is: it is evidence."
	return c
}
