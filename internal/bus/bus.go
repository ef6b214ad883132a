// Package bus owns the queue between ingest and the fold: an embedded NATS JetStream without a listener, kept in files.
// Envelopes come in and are acknowledged when they are safe on disk; they go out in order, partition by partition, from
// whatever stream sequence a checkpoint names.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Why Publish refuses.
var (
	// ErrFull says that the stream has reached its bound: try again later.
	ErrFull = errors.New("bus: the stream is full")
	// ErrBroken says that the stream server does not answer. After an error of the disk it stores nothing more until it is
	// started again, even when there is room again.
	ErrBroken = errors.New("bus: the stream takes nothing any more")
)

const (
	streamName = "observations"
	readyIn    = 30 * time.Second
	callWithin = 10 * time.Second
)

// Options say where the stream lies and how large it may grow.
type Options struct {
	Dir      string // folder of the stream's files
	MaxBytes int64  // bound on all messages together
	NoSync   bool   // leave writing through to the operating system: for tests that lose no power
}

// Bus is the stream, open.
type Bus struct {
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
}

// Open starts the embedded server on the folder. An acknowledged message survives kill -9 and, unless NoSync is set, the
// loss of power.
func Open(ctx context.Context, o Options) (*Bus, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "ipse", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: o.Dir, SyncAlways: !o.NoSync, DisableJetStreamBanner: true,
		JetStreamMaxStore: o.MaxBytes + o.MaxBytes/4 + 64<<20, JetStreamMaxMemory: 64 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("bus: set up the stream server: %w", err)
	}
	b := &Bus{server: s}
	s.Start()
	if !s.ReadyForConnections(readyIn) {
		b.Close()
		return nil, fmt.Errorf("bus: the stream server was not ready within %s", readyIn)
	}
	if err := b.connect(ctx, o); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bus) connect(ctx context.Context, o Options) (err error) {
	if b.conn, err = nats.Connect("", nats.InProcessServer(b.server), nats.MaxReconnects(-1)); err != nil {
		return fmt.Errorf("bus: connect to the stream server: %w", err)
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return fmt.Errorf("bus: open the stream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyIn)
	defer cancel()
	b.stream, err = b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"ipse.in.*.*"}, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardNew, MaxBytes: o.MaxBytes, MaxMsgSize: 1 << 20,
		Retention: jetstream.LimitsPolicy, Duplicates: time.Second,
	})
	if err != nil {
		return fmt.Errorf("bus: open the stream: %w", err)
	}
	return nil
}

// Close ends the server. What is acknowledged stays on disk.
func (b *Bus) Close() {
	if b.conn != nil {
		b.conn.Close()
	}
	b.server.Shutdown()
	b.server.WaitForShutdown()
}

// Publish appends an envelope and waits until it is stored. The number is its stream sequence. After another error than
// ErrFull it is unknown whether the envelope was stored; Last tells.
func (b *Bus) Publish(ctx context.Context, e Envelope) (uint64, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("bus: encode an envelope: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	ack, err := b.js.Publish(within, e.subject(), data)
	if err != nil {
		var api *jetstream.APIError
		if errors.As(err, &api) && api.ErrorCode == storeFailed {
			return 0, fmt.Errorf("%w: %s", ErrFull, api.Description)
		}
		if ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return 0, fmt.Errorf("bus: publish: %w", err)
	}
	return ack.Sequence, nil
}

// storeFailed is the server's code for a message that its limits, or the disk, refuse.
const storeFailed jetstream.ErrorCode = 10077

// Last gives the last message of one session that the stream still holds, and its stream sequence; 0 when it holds none.
func (b *Bus) Last(ctx context.Context, subject, session string) (Envelope, uint64, error) {
	return b.last(ctx, sessionSubject(PartitionOf(subject), session))
}

// End gives the stream sequence of a partition's last message, 0 when it holds none.
func (b *Bus) End(ctx context.Context, partition int) (uint64, error) {
	_, seq, err := b.last(ctx, sessionSubject(partition, "*"))
	return seq, err
}

func (b *Bus) last(ctx context.Context, subject string) (Envelope, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	m, err := b.stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Envelope{}, 0, nil
	}
	if err != nil {
		return Envelope{}, 0, fmt.Errorf("bus: read the last message: %w", err)
	}
	e, err := decode(m.Data)
	return e, m.Sequence, err
}

// Usage is how full the stream is.
type Usage struct {
	Bytes, MaxBytes uint64
	Messages        uint64
	LastSequence    uint64
}

// Usage reads how full the stream is.
func (b *Bus) Usage(ctx context.Context) (Usage, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	info, err := b.stream.Info(ctx)
	if err != nil {
		return Usage{}, fmt.Errorf("bus: read the stream's state: %w", err)
	}
	return Usage{Bytes: info.State.Bytes, MaxBytes: uint64(max(0, info.Config.MaxBytes)), Messages: info.State.Msgs, LastSequence: info.State.LastSeq}, nil
}
