package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/jobs"
	"hienke/internal/store"
)

// shutdownTime is how long requests under way may take to end. It stays below
// the 30 s after which container platforms kill.
const shutdownTime = 10 * time.Second

// wakes are rung after a commit that made work.
type wakes struct {
	relay    jobs.Bell
	training jobs.Bell
	digests  jobs.Bell
	index    map[store.IndexName]jobs.Bell
}

func newWakes() wakes {
	w := wakes{relay: jobs.NewBell(), training: jobs.NewBell(), digests: jobs.NewBell(), index: map[store.IndexName]jobs.Bell{}}
	for _, name := range store.IndexNames {
		w.index[name] = jobs.NewBell()
	}
	return w
}

func (w wakes) all() {
	w.relay.Ring()
	for _, bell := range w.index {
		bell.Ring()
	}
}

// Run serves until ctx ends, then stops in the reverse order and closes the
// App. command does the work of commands that come over the control socket.
func (a *App) Run(ctx context.Context, command Command) (err error) {
	defer func() { err = errors.Join(err, a.Close()) }()
	address := ""
	if a.Options.Role != Worker {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.Config.HTTP.Listen)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		address = listener.Addr().String()
		// The pages answer while the start goes on: /readyz says so.
		server := httpx.NewServer(a.handler, a.Log)
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		defer func() { err = errors.Join(err, stopServer(ctx, server, served)) }()
		a.Log.Info("listening", "address", address, "url", a.publicURL())
	}
	return a.work(ctx, command, address)
}

func stopServer(ctx context.Context, server *http.Server, served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := server.Shutdown(ctx)
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	if err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

// work runs everything behind the pages until ctx ends.
func (a *App) work(ctx context.Context, command Command, address string) error {
	if err := a.start(ctx); err != nil {
		return err
	}
	var control net.Listener
	if a.embedded() && command != nil {
		var err error
		if control, err = a.listenControl(ctx); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	if a.Options.Role == Everything || a.Options.Role == Worker {
		g.Go(func() error { return a.queueServer.Run(ctx, a.jobHandler(a.Services).Handle) })
		g.Go(func() error {
			return jobs.Loops{Log: a.Log, Now: a.Now, Meter: a.metrics}.Run(ctx, a.loops()...)
		})
	}
	g.Go(func() error {
		return jobs.Loops{Log: a.Log, Now: a.Now, Meter: a.metrics}.Run(ctx, jobs.Timetable(a.Times.Refresh), jobs.Directory(a.Directory.Refresh))
	})
	if a.tellPresence != nil {
		g.Go(func() error { return a.tellPresence(ctx) })
	}
	if control != nil {
		g.Go(func() error { return a.serveControl(ctx, control, command) })
	}
	if a.Config.Metrics.Listen != "" {
		g.Go(func() error { return a.serveMetrics(ctx) })
	}
	a.state.ready.Store(true)
	a.Log.Info("ready", "role", string(a.Options.Role))
	if a.Options.Ready != nil {
		a.Options.Ready(address)
	}
	g.Go(func() error { <-ctx.Done(); return nil })
	err := g.Wait()
	a.state.ready.Store(false)
	a.Log.Info("stopping")
	return err
}

// start does what must be done before this process is ready.
func (a *App) start(ctx context.Context) error {
	if a.embeddedQueue {
		if _, err := a.relay.ForgetOnStart(ctx); err != nil {
			return err
		}
	}
	if err := a.Rulebook.TakeUp(ctx, a.Data.RoutingRules()); err != nil {
		return err
	}
	if err := a.Deadlines.TakeUp(ctx); err != nil {
		return err
	}
	if err := a.Learning.Learn(ctx); err != nil {
		return fmt.Errorf("prepare the classifier: %w", err)
	}
	if err := a.fillEmptyIndexes(ctx); err != nil {
		a.Log.Warn("search is away; the indexes are checked at the next start", "error", err.Error())
	}
	if !a.Options.Demo {
		return a.warnOfDemo(ctx)
	}
	if err := a.seedDemo(ctx); err != nil {
		return err
	}
	return a.Learning.Learn(ctx) // from what the invented staff confirmed
}

// fillEmptyIndexes marks everything for an index that has nothing: it is new,
// was dropped by a newer version, or was lost.
func (a *App) fillEmptyIndexes(ctx context.Context) error {
	total, err := a.Count(ctx)
	if err != nil || total == 0 {
		return err
	}
	n, err := a.Staff.Count(ctx)
	if err != nil || n > 0 {
		return err
	}
	return a.Store.Do(ctx, func(tx store.Tx) error {
		for _, name := range store.IndexNames {
			if err := tx.IndexQueue().MarkAll(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// jobHandler turns tasks of the queue into use cases.
func (a *App) jobHandler(s Services) *jobs.Handler {
	return &jobs.Handler{
		Store: a.Store,
		Do: map[store.JobKind]jobs.Func{
			store.JobMatch: submissionJob(s.Triage.Match), store.JobRoute: submissionJob(s.Triage.Route), store.JobRematch: submissionJob(s.Triage.Rematch), store.JobSend: s.Notices.Send, store.JobDigest: s.Notices.SendDigest,
			store.JobCheck: func(ctx context.Context, job, subject int64) error {
				return s.Attachments.Check(ctx, job, civic.AttachmentID(subject))
			},
			store.JobTell: submissionJob(s.Answers.Tell), store.JobPublish: submissionJob(s.Answers.PublishDue), store.JobNotify: s.Notices.Notify,
			store.JobFollowMatch: submissionJob(s.Following.Match), store.JobFollowConfirm: s.Following.SendConfirm,
			store.JobFollowTell: s.Following.SendNews, store.JobFollowDigest: s.Following.SendDigest,
			store.JobAccountMail: s.Notices.Account, store.JobRecount: s.Deadlines.Recount, store.JobStaffMail: s.Reminders.Send,
			store.JobPrivacyMail: s.Privacy.Send,
			store.JobBulk:        s.Bulk.Work, store.JobCodes: s.Reach.SendCodes, store.JobSucceed: s.Triage.Succeed, store.JobExport: s.Exports.Work,
			store.JobUnconsented: submissionJob(s.Guardians.Forget),
		},
		Now: a.Now, Chance: rand.Float64, Log: a.Log, Meter: a.metrics, After: a.wakes.all,
	}
}

// loops are the rounds that keep things in order.
func (a *App) loops() []jobs.Loop {
	loops := []jobs.Loop{
		a.relay.Loop(), jobs.Overdue(a.Triage.SweepOverdue), jobs.Dialogue(a.Dialogue.Sweep), jobs.Reminders(a.Reminders.Sweep), jobs.Digests(a.Following.SweepDigests, a.wakes.digests), jobs.SenderDigests(a.Notices.SweepDigests), jobs.PruneFollows(a.Following.Prune), jobs.Guardians(a.Guardians.Sweep), jobs.PruneReminders(a.Reminders.Prune), jobs.Training(a.Learning.Learn, a.wakes.training), jobs.RuleErrors(a.Rulebook.Flush),
		jobs.PruneSessions(a.Store, a.Now), jobs.PruneDrafts(a.Store, a.Now), jobs.PruneProofs(a.Store, a.Now), jobs.PruneFiles(a.Attachments.Sweep), jobs.PruneExports(a.Exports.Sweep), jobs.PruneLetters(a.Privacy.Sweep), jobs.PruneOutbox(a.Store, a.Now),
	}
	loops = append(loops, jobs.Audit(a.Audit.Seal))
	return append(loops, jobs.Drains(a.Finding.Drain, a.wakes.index)...)
}
