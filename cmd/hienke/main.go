// Command hienke is the whole of Hiến Kế in one program: the server in both of
// its sizes, and the tools of its operators.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"hienke/internal/app"
	"hienke/internal/config"
)

// garbagePercent is how much the heap may grow before it is collected, in per
// cent of what lives, where GOGC does not say otherwise. Each collection takes
// every idle core from the database beside us for milliseconds; collecting four
// times less often brings the 99th percentile of a lookup among 100,000
// submissions on PostgreSQL from 11.7 to 8.9 ms. It costs memory, some hundred
// megabytes, which GOMEMLIMIT bounds.
const garbagePercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := process{
		args: os.Args[1:], environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: term.IsTerminal(int(os.Stdout.Fd())),
	}
	code := p.run(ctx)
	stop()
	os.Exit(code) //nolint:gocritic // stop was called
}

// process is everything that the program takes from the outside, so that a
// test can run it whole.
type process struct {
	args, environ []string
	in            io.Reader
	out, err      io.Writer
	terminal      bool
}

// commands is the command line. Each command has a file of its own.
type commands struct {
	Config string `help:"Configuration file (TOML); see configs/hienke.example.toml." env:"HIENKE_CONFIG" type:"path" placeholder:"FILE"`
	Data   string `help:"Data folder of the embedded size." placeholder:"DIR"`

	Serve   serveCommand   `cmd:"" help:"Run everything in this process."`
	API     apiCommand     `cmd:"" name:"api" help:"Run the pages and the API alone, in as many copies as wanted."`
	Worker  workerCommand  `cmd:"" help:"Run the background work alone, in as many copies as wanted."`
	Init    initCommand    `cmd:"" help:"Make the installation's key."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this version."`
	Import  importCommand  `cmd:"" help:"Bring submissions in from a JSONL or CSV file."`
	Reindex reindexCommand `cmd:"" help:"Build the search indexes anew beside the ones that answer, or mend what drifted."`
	User    userCommand    `cmd:"" help:"Staff accounts."`
	Eval    evalCommand    `cmd:"" help:"Measure matching and routing on your own data."`
	Bounce  bounceCommand  `cmd:"" help:"Note from a report on standard input that a mail came back."`
	Doctor  doctorCommand  `cmd:"" help:"Check configuration, parts and data, and say what to do."`
}

// Exit codes: the program failed, or it was called wrongly.
const (
	exitFailure = 1
	exitUsage   = 2
)

// run parses the command line, does it and returns the exit code.
func (p process) run(ctx context.Context) int {
	exited := -1
	parser, c, err := newParser(p.out, p.err, func(code int) { exited = code })
	if err != nil {
		fmt.Fprintln(p.err, "hienke:", err)
		return exitFailure
	}
	chosen, err := parser.Parse(p.args)
	if exited >= 0 { // --help was answered
		return exited
	}
	if err != nil {
		fmt.Fprintf(p.err, "hienke: %v\nTry: hienke --help\n", err)
		return exitUsage
	}
	err = p.do(ctx, chosen, c)
	switch {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	default:
		fmt.Fprintln(p.err, "hienke:", err)
		return exitFailure
	}
}

func newParser(out, errOut io.Writer, exit func(int)) (*kong.Kong, *commands, error) {
	c := &commands{}
	parser, err := kong.New(c,
		kong.Name("hienke"),
		kong.Description("Hiến Kế takes in what citizens propose, brings it to the agency responsible, and shows the answer."),
		kong.UsageOnError(), kong.Writers(out, errOut), kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), userWords(),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("build the command line: %w", err)
	}
	return parser, c, nil
}

// A command does its work in one of two ways.
type (
	// standalone runs by itself: a server, or a tool that needs no data.
	standalone interface {
		run(ctx context.Context, p process, cfg config.Config) error
	}
	// onData works on the data of an installation, in this process or in the
	// server that has them in use. prepare is done here either way: it opens
	// what the caller can read and the server perhaps cannot.
	onData interface {
		prepare(p process) (io.Reader, func() error, error)
		runOn(ctx context.Context, a *app.App, s app.Streams) error
	}
)

func (p process) do(ctx context.Context, chosen *kong.Context, c *commands) error {
	cfg, err := config.Load(c.Config, p.environ, c.flags())
	if err != nil {
		return fmt.Errorf("configuration:\n%w", err)
	}
	switch cmd := chosen.Selected().Target.Addr().Interface().(type) {
	case standalone:
		return cmd.run(ctx, p, cfg)
	case onData:
		return p.onData(ctx, cmd, cfg)
	default:
		return fmt.Errorf("%s is not a command by itself; try --help", chosen.Command())
	}
}

// flags are the settings given on the command line.
func (c *commands) flags() map[string]any {
	set := map[string]any{}
	for key, value := range map[string]string{"data.dir": c.Data, "http.listen": c.Serve.Listen + c.API.Listen} {
		if value != "" {
			set[key] = value
		}
	}
	return set
}

func (p process) onData(ctx context.Context, cmd onData, cfg config.Config) error {
	in, done, err := cmd.prepare(p)
	if err != nil {
		return err
	}
	s := app.Streams{In: in, Out: p.out, Terminal: p.terminal}
	a, err := app.New(ctx, cfg, app.Options{Log: newLog(cfg, p.err), Role: app.Tool})
	if errors.Is(err, app.ErrInUse) {
		return errors.Join(app.Forward(ctx, cfg.Data.Dir, p.args, s), done())
	}
	if err != nil {
		return errors.Join(err, done())
	}
	return errors.Join(cmd.runOn(ctx, a, s), a.Close(), done())
}

// runHere runs a forwarded command line in the server that has the data.
func runHere(ctx context.Context, a *app.App, args []string, s app.Streams) error {
	parser, _, err := newParser(s.Out, s.Out, func(int) {})
	if err != nil {
		return err
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return err
	}
	cmd, ok := chosen.Selected().Target.Addr().Interface().(onData)
	if !ok {
		return fmt.Errorf("%s cannot run beside a server", chosen.Command())
	}
	return cmd.runOn(ctx, a, s)
}

// nothingToOpen is prepare for commands that read no file.
func nothingToOpen(process) (io.Reader, func() error, error) {
	return nil, func() error { return nil }, nil
}
