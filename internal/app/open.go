package app

import (
	"context"
	"crypto/rand"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/configs"
	"hienke/internal/absence"
	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/audit"
	"hienke/internal/bulk"
	"hienke/internal/deadlines"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/exports"
	"hienke/internal/finding"
	"hienke/internal/following"
	"hienke/internal/guardians"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/jobs"
	"hienke/internal/learning"
	"hienke/internal/mail"
	"hienke/internal/mail/smtpmail"
	"hienke/internal/notices"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/presence/mempresence"
	"hienke/internal/presence/redispresence"
	"hienke/internal/privacy"
	"hienke/internal/queue/asynqqueue"
	"hienke/internal/reach"
	"hienke/internal/registry"
	"hienke/internal/reminders"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
	"hienke/internal/search/meilisearch"
	"hienke/internal/sms"
	"hienke/internal/sms/httpsms"
	"hienke/internal/store/sqlstore"
	"hienke/internal/teamwork"
	"hienke/internal/timetable"
	"hienke/internal/triage"
	"hienke/internal/web"
	"hienke/internal/worklist"
)

// maxSocketPath is what Linux takes as the address of a socket, in bytes, less
// the closing zero.
const maxSocketPath = 107

// databaseFile and searchFolder lie in the data folder.
const (
	databaseFile = "hienke.db"
	searchFolder = "search"
)

func (a *App) openRegistry(context.Context) (err error) {
	fsys := configs.Registry()
	if dir := a.Config.Registry.Dir; dir != "" {
		fsys = os.DirFS(dir)
	}
	a.Data, err = registry.Load(fsys)
	return err
}

// openFolder locks the data folder for this process, where it has a part in
// it.
func (a *App) openFolder(context.Context) error {
	if !a.embedded() {
		return nil
	}
	if n := len(a.path(controlSocket)); n > maxSocketPath {
		return fmt.Errorf("%s: the path is %d bytes too long for the control socket in it", a.Config.Data.Dir, n-maxSocketPath)
	}
	l, err := lockDir(a.Config.Data.Dir)
	if err != nil {
		return err
	}
	a.onClose(l.Close)
	return nil
}

// openKeys loads the installation's key. Only where nothing was received yet a
// missing one is made, before anything is listened for.
func (a *App) openKeys(ctx context.Context) error {
	path, create := a.Config.Keys.File, false
	if path == "" {
		received, err := a.Count(ctx)
		if err != nil {
			return err
		}
		path, create = a.path(keysFile), received == 0
	}
	keys, err := loadKeys(path, create)
	if err != nil {
		return err
	}
	a.Keys = keys
	return a.checkKeys(ctx)
}

func (a *App) openStore(ctx context.Context) (err error) {
	url := a.Config.Database.URL
	if url == "" {
		url = "sqlite:" + a.path(databaseFile)
	}
	if a.Store, err = sqlstore.Open(ctx, url, sqlstore.Options{}); err != nil {
		return err
	}
	a.onClose(a.Store.Close)
	if err := a.Store.Migrate(ctx); err != nil {
		return err
	}
	if a.Times, err = timetable.New(a.Store, a.Data.Registry); err != nil {
		return err
	}
	a.Directory = &directory.Service{Store: a.Store, Registry: a.Data.Registry, Now: a.Now, Committed: a.wakes.all}
	if err := a.Directory.Refresh(ctx); err != nil {
		return err
	}
	return a.Times.Refresh(ctx)
}

func (a *App) openQueue(context.Context) error {
	url := a.Config.Redis.URL
	if a.Options.Role == Tool && url == "" {
		// A tool beside nothing: what it leaves in the outbox is done at the
		// next start.
		a.Limits, a.board = unlimited{}, mempresence.New(a.Now)
		return nil
	}
	if url == "" {
		embedded, err := asynqqueue.StartEmbedded()
		if err != nil {
			return err
		}
		a.onClose(embedded.Close)
		a.embeddedQueue, url = true, embedded.URL()
	}
	at, err := asynqqueue.ParseURL(url)
	if err != nil {
		return err
	}
	q := asynqqueue.New(at)
	a.onClose(q.Close)
	a.Queue, a.queueServer = q, asynqqueue.NewServer(at, a.Log)
	a.relay = &jobs.Relay{Store: a.Store, Queue: q, Now: a.Now, Meter: a.metrics, Bell: a.wakes.relay}
	if err := a.openPresence(at); err != nil {
		return err
	}
	return a.openLimits(at)
}

// openPresence makes the board of who is at which case: on the Redis that the
// processes share, or in this process when it is the only one.
func (a *App) openPresence(at *redis.UniversalOptions) error {
	if a.embeddedQueue {
		a.board = mempresence.New(a.Now)
		return nil
	}
	b := redispresence.New(at, a.Now)
	b.OnFailure = func(err error) { a.Log.Warn("who is at which case is not known", "error", err.Error()) }
	a.onClose(b.Close)
	a.board, a.tellPresence = b, func(ctx context.Context) error { return b.Run(ctx, nil) }
	return nil
}

func (a *App) openSearch(context.Context) error {
	for _, index := range []struct {
		audience search.Audience
		to       *search.Index
	}{{search.Public, &a.Public}, {search.Staff, &a.Staff}} {
		opened, err := a.openIndex(index.audience)
		if err != nil {
			return err
		}
		*index.to = opened
		a.onClose(opened.Close)
	}
	return nil
}

func (a *App) openIndex(audience search.Audience) (search.Index, error) {
	if m := a.Config.Meili; m.URL != "" {
		return meilisearch.New(meilisearch.Config{URL: m.URL, Key: m.Key, Prefix: m.Prefix, Thesaurus: a.Data.Thesaurus}, audience)
	}
	return blevesearch.Open(filepath.Join(a.Config.Data.Dir, searchFolder), audience, a.Data.Thesaurus)
}

// sender is the mail channel, nil when none is configured.
func (a *App) sender() (mail.Sender, error) {
	m := a.Config.Mail
	if m.Host == "" {
		return nil, nil //nolint:nilnil // no channel is a choice, and notices knows it
	}
	from, err := netmail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("read mail.from: %w", err)
	}
	return smtpmail.New(smtpmail.Config{
		Host: m.Host, Port: m.Port, TLS: smtpmail.TLSMode(m.TLS), User: m.User, Password: m.Password,
		FromName: from.Name, FromAddress: from.Address, ReturnPath: m.ReturnPath,
	}, a.Now)
}

// texts is the gateway for short messages, nil when none is configured.
func (a *App) texts() (sms.Sender, error) {
	c := a.Config.SMS
	if c.URL == "" {
		return nil, nil //nolint:nilnil // as above
	}
	return httpsms.New(httpsms.Config{URL: c.URL, Secret: c.Secret, Body: c.Body})
}

// ledgers are the ledger for each who erases, nil where there is none.
func (a *App) ledgers() (contacts reach.Ledger, cases privacy.Ledger, follows following.Ledger) {
	if l := a.erasures(); l != nil {
		return l, l, l
	}
	return nil, nil, nil
}

// replayErasures erases what a restored backup brought back.
func (a *App) replayErasures(ctx context.Context) error {
	a.warnOfErasures()
	n, err := a.Reach.Replay(ctx)
	if n > 0 {
		a.Log.Warn("erased contacts that a restored database had brought back", "count", n)
	}
	if err != nil {
		return err
	}
	if n, err = a.Privacy.Replay(ctx); n > 0 {
		a.Log.Warn("erased cases that a restored database had brought back", "count", n)
	}
	if err != nil {
		return err
	}
	if n, err = a.Following.Replay(ctx); n > 0 {
		a.Log.Warn("ended what a restored database had people follow again", "count", n)
	}
	return err
}

// warnOfErasures tells those who start a server that what is erased here would
// not stay erased.
func (a *App) warnOfErasures() {
	if a.Options.Role == Tool {
		return
	}
	if a.Config.ScaledOut() && a.Config.Keys.Erasures == "" {
		a.Log.Warn("KEYS.ERASURES IS NOT SET: a backup that is restored brings back the people whose data were erased; set it to a file that all processes share, apart from the backups")
	}
	l := a.erasures()
	if l == nil {
		return
	}
	if err := l.Writable(); err != nil {
		a.Log.Error("the ledger of erasures cannot be written: nobody's data can be erased until it can", "error", err.Error())
	}
	if _, damaged, err := l.read(); err == nil && len(damaged) > 0 {
		a.Log.Warn("lines of the ledger of erasures cannot be read, and nothing is erased for them", "file", l.path, "lines", damaged)
	}
}

func (a *App) openMail(context.Context) error {
	_, err := a.sender() // a wrong setting stops the start
	return err
}

func (a *App) openServices(context.Context) error {
	services, err := a.services(a.Now)
	a.Services = services
	return err
}

// newRequestRef draws what names a request about personal data: short enough to
// be read out.
func newRequestRef() string { return "DL-" + rand.Text()[:10] }

// services builds the use cases around a clock.
func (a *App) services(now func() time.Time) (Services, error) {
	sender, err := a.sender()
	if err != nil {
		return Services{}, err
	}
	texts, err := a.texts()
	if err != nil {
		return Services{}, err
	}
	provider, err := a.provider()
	if err != nil {
		return Services{}, err
	}
	a.Directory.Groups = groupsOf(provider)
	passkeys, err := a.passkeys()
	if err != nil {
		return Services{}, err
	}
	reg := a.Data.Registry
	public := search.NewDegrading(a.Public, finding.Plain{Store: a.Store, Thesaurus: a.Data.Thesaurus}, now)
	host, _ := os.Hostname() // only a name in a lease
	rules := &rulebook.Service{Store: a.Store, Registry: reg, Now: now, Log: a.Log}
	learner := &learning.Service{Store: a.Store, Registry: reg, Now: now, Log: a.Log, Asked: a.wakes.training.Ring}
	files := a.attachments(now)
	contacts, cases, follows := a.ledgers()
	s := Services{
		Intake: &intake.Service{
			Store: a.Store, Registry: reg, Times: a.Times, Keys: a.Keys, Limits: a.Limits, Now: now,
			Random: a.Options.Random, Committed: a.wakes.all, LeastTime: a.leastTime(), SharedNetworks: prefixes(a.Config.Rate.SharedNetworks),
		},
		Triage: &triage.Service{
			Store: a.Store, Registry: reg, Times: a.Times, Keys: a.Keys, Policy: routing.DefaultPolicy(), Scope: a.Data,
			Rules: rules.Rules, Classifier: learner.Classifier, RuleFailed: rules.Report,
			Staff: a.Staff, Now: now, Random: a.Options.Random, Committed: a.wakes.all,
		},
		Openness: &openness.Service{Store: a.Store, Now: now},
		Teamwork: &teamwork.Service{Store: a.Store, Registry: reg, Now: now},
		Opinions: &opinions.Service{Store: a.Store, Registry: reg, Times: a.Times, Now: now},
		Dialogue: &dialogue.Service{Store: a.Store, Registry: reg, Times: a.Times, Now: now, Committed: a.wakes.all},
		Answers:  &answers.Service{Store: a.Store, Registry: reg, Now: now, Keys: a.Keys, Committed: a.wakes.all},
		Accounts: &accounts.Service{
			Store: a.Store, Registry: reg, Keys: a.Keys, Limits: a.Limits, Now: now, Random: a.Options.Random,
			Hashing: accounts.NewHashing(runtime.GOMAXPROCS(0)), Policy: a.policy(), Provider: provider, Passkeys: passkeys, Committed: a.wakes.relay.Ring,
		},
		Notices: &notices.Service{
			Store: a.Store, Registry: reg, Keys: a.Keys, Mail: sender, SMS: texts, Now: now, PublicURL: a.publicURL(),
		},
		Reach: &reach.Service{Store: a.Store, Keys: a.Keys, Limits: a.Limits, Ledger: contacts, FilesToo: a.Data.FilesWithContact(), Forget: files.Forget, Now: now, Committed: a.wakes.all},
		Following: &following.Service{
			Store: a.Store, Keys: a.Keys, Limits: a.Limits, Mail: sender, Draw: notices.Draw, Now: now, PublicURL: a.publicURL(), Ledger: follows, Committed: a.wakes.all,
			Query: web.SavedQuery, Thesaurus: a.Data.Thesaurus, Describe: a.describeSaved,
			Noted: a.wakes.digests.Ring,
		},
		Insight:  &insight.Service{Store: a.Store, Registry: reg, Times: a.Times, Now: now},
		Rulebook: rules,
		Learning: learner,
		Finding: &finding.Service{
			Store: a.Store, Keys: a.Keys, Public: public, Staff: a.Staff, Now: now, Holder: fmt.Sprintf("%s/%d", host, os.Getpid()),
		},
		Attachments: files,
		Privacy: &privacy.Service{
			Store: a.Store, Registry: reg, Times: a.Times, Keys: a.Keys, Limits: a.Limits, Now: now, NewRef: newRequestRef, DropFile: files.Drop, Ledger: cases,
			Mail: sender, Draw: notices.Draw, PublicURL: a.publicURL(), Committed: a.wakes.all,
		},
		Audit:     &audit.Service{Store: a.Store, Registry: reg, Keys: a.Keys, Now: now, Holder: fmt.Sprintf("%s/%d", host, os.Getpid()), Marks: a.auditMarks()},
		Directory: a.Directory,
		Deadlines: &deadlines.Service{Store: a.Store, Registry: reg, Times: a.Times, Now: now, Committed: a.wakes.all},
		Absence:   &absence.Service{Store: a.Store, Registry: reg, Times: a.Times, Now: now},
		Reminders: &reminders.Service{
			Store: a.Store, Registry: reg, Times: a.Times, Now: now, Mail: sender, Draw: notices.Draw, PublicURL: a.publicURL(), Committed: a.wakes.all,
		},
		Worklist: &worklist.Service{Store: a.Store, Registry: reg, Now: now, Presence: a.board, Committed: a.wakes.relay.Ring},
	}
	s.Guardians = &guardians.Service{
		Store: a.Store, Registry: reg, Times: a.Times, Keys: a.Keys, Limits: a.Limits, Now: now, Random: rand.Reader, Erase: s.Reach.EraseUnconsented, Committed: a.wakes.all,
	}
	s.Bulk = &bulk.Service{Store: a.Store, Registry: reg, Now: now, Committed: a.wakes.all}
	s.Exports = &exports.Service{
		Store: a.Store, Keys: a.Keys, Blobs: files, Now: now, NewRef: rand.Text, Committed: a.wakes.all,
		Source: &web.QueueFile{Triage: s.Triage, Worklist: s.Worklist, Registry: reg, Now: now, Catalogue: func() *i18n.Catalogue { return a.Catalogue }},
	}
	s.Bulk.Do, s.Bulk.Undo = web.BulkActs(s.Triage, s.Dialogue, s.Worklist)
	return s, nil
}
