package app

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Check is one line of the doctor's report.
type Check struct {
	Name    string
	Finding string
	Warning bool   // works, but somebody should look
	Advice  string // what to do
	Err     error  // does not work
}

// Examine looks at every part and says what was found. Opening the App has
// shown already that configuration, registry, folder, key and tables are in
// order.
// With wholeAudit the audit is walked from its beginning.
func (a *App) Examine(ctx context.Context, wholeAudit bool) []Check {
	return []Check{
		a.examineRegistry(), a.examineDirectory(ctx), a.examineKeys(), a.examineDatabase(ctx), a.examineQueue(ctx), a.examineSearch(ctx), a.examineMail(ctx),
		a.examineBounces(ctx), a.examineTexts(ctx), a.examineErasures(ctx), a.examineFiles(ctx), a.examineOutbox(ctx), a.examineRules(ctx), a.examineClassifier(ctx), a.examineProvider(ctx), a.examinePasskeys(),
		a.examineAudit(ctx, wholeAudit),
	}
}

func (a *App) examineRegistry() Check {
	now := a.Now()
	reg := a.Data.Registry
	c := Check{Name: "registry", Finding: fmt.Sprintf("%d agencies, %d topics, %d areas, %d rules valid today",
		len(reg.AgenciesAt(now)), len(reg.TopicsAt(now)), len(reg.AreasAt(now)), len(a.Data.Rules))}
	var last civic.Date
	for _, d := range reg.Calendar {
		if d.Date.Start().After(last.Start()) {
			last = d.Date
		}
	}
	if year := civic.DateOf(now).Year; last.Year <= year {
		c.Warning, c.Advice = true, fmt.Sprintf("The calendar ends in %d: add the holidays of %d.", last.Year, year+1)
	}
	return c
}

// examineDirectory names where what people changed on pages and the registry's
// files do not go together.
func (a *App) examineDirectory(ctx context.Context) Check {
	c := Check{Name: "changed lists"}
	found, err := a.Directory.Conflicts(ctx)
	c.Err, c.Finding = err, "nothing contradicts the registry's files"
	if len(found) > 0 {
		c.Warning, c.Finding = true, strings.Join(found, "; ")
		c.Advice = "What was changed on the pages holds. Look at each entry under /staff/registry, and take the change back where the file is right."
	}
	return c
}

func (a *App) examineKeys() Check {
	where := a.Config.Keys.File
	if where == "" {
		where = a.path(keysFile)
	}
	c := Check{Name: "key", Finding: where, Advice: "Keep a copy apart from the backups."}
	info, err := os.Stat(where)
	if c.Err = err; err == nil && info.Mode().Perm()&0o077 != 0 {
		c.Warning = true
		c.Advice = fmt.Sprintf("Others than its owner can reach it (mode %04o): chmod 600. %s", info.Mode().Perm(), c.Advice)
	}
	return c
}

func (a *App) examineDatabase(ctx context.Context) Check {
	c := Check{Name: "database"}
	version, err := a.SchemaVersion(ctx)
	if c.Err = err; err != nil {
		return c
	}
	n, err := a.Count(ctx)
	c.Err = err
	c.Finding = fmt.Sprintf("%s, version %d, %d submissions", kindOf(a.Config.Database.URL, "PostgreSQL", "SQLite"), version, n)
	return c
}

func kindOf(url, outside, embedded string) string {
	if url != "" {
		return outside
	}
	return embedded
}

func (a *App) examineQueue(ctx context.Context) Check {
	c := Check{Name: "queue", Finding: kindOf(a.Config.Redis.URL, "Redis", "in the server's process")}
	if a.Queue != nil {
		c.Err = a.Queue.Ping(ctx)
	}
	return c
}

func (a *App) examineSearch(ctx context.Context) Check {
	c := Check{Name: "search"}
	if c.Err = a.Public.Ping(ctx); c.Err != nil {
		c.Advice = "Searches are answered from the database, more simply, until the engine is back."
		return c
	}
	public, err := a.Public.Count(ctx)
	if err == nil {
		var staff int
		staff, err = a.Staff.Count(ctx)
		c.Finding = fmt.Sprintf("%s, %d public and %d staff documents", a.Public.Engine(), public, staff)
		received := 0
		if err == nil {
			received, err = a.Count(ctx)
		}
		if err == nil && received != staff {
			c.Warning = true
			c.Advice = fmt.Sprintf("Staff should find all %d submissions. If this stays, run hienke reindex --repair.", received)
		}
	}
	c.Err = err
	return c
}

// late is how long a job may wait before somebody should look.
const late = 10 * time.Minute

func (a *App) examineOutbox(ctx context.Context) Check {
	c := Check{Name: "outbox", Finding: "nothing waits"}
	c.Err = a.Store.View(ctx, func(tx store.Tx) error {
		pending, err := tx.Outbox().Pending(ctx)
		for _, kind := range store.JobKinds {
			b, ok := pending[kind]
			if !ok || b.Count == 0 {
				continue
			}
			c.Finding = fmt.Sprintf("%d × %s since %s, %d failed before", b.Count, kind, b.Oldest.In(civic.Zone).Format(time.DateTime), b.Failed)
			if a.Now().Sub(b.Oldest) > late {
				c.Warning, c.Advice = true, "Is a worker running?"
			}
		}
		return err
	})
	return c
}
