package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Message is an envelope as it lies in the stream.
type Message struct {
	Envelope
	Sequence uint64 // stream sequence
	Pending  uint64 // messages of the partition behind this one when it was delivered
	Err      error  // the stream's bytes are no envelope: nothing but Sequence is known
}

// Consume hands every message of a partition above the stream sequence `after` to handle, in order and one at a time,
// until ctx ends. It returns an error only when it cannot begin.
func (b *Bus) Consume(ctx context.Context, partition int, after uint64, handle func(Message)) error {
	consumer, err := b.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{sessionSubject(partition, "*")},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1,
	})
	if err != nil {
		return fmt.Errorf("bus: consume partition %d: %w", partition, err)
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		if ctx.Err() != nil {
			return
		}
		meta, err := m.Metadata()
		if err != nil {
			return // no message of a stream: nothing that was published
		}
		e, err := decode(m.Data())
		handle(Message{Envelope: e, Sequence: meta.Sequence.Stream, Pending: meta.NumPending, Err: err})
	})
	if err != nil {
		return fmt.Errorf("bus: consume partition %d: %w", partition, err)
	}
	<-ctx.Done()
	consuming.Stop()
	<-consuming.Closed()
	return nil
}

// Trim removes a partition's messages up to and including the stream sequence `applied` that arrived before `before`.
func (b *Bus) Trim(ctx context.Context, partition int, applied uint64, before time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	young, err := b.firstSince(ctx, partition, before)
	if err != nil {
		return err
	}
	keep := applied + 1
	if young > 0 {
		keep = min(keep, young)
	}
	if keep <= 1 {
		return nil
	}
	if err := b.stream.Purge(ctx, jetstream.WithPurgeSubject(sessionSubject(partition, "*")), jetstream.WithPurgeSequence(keep)); err != nil {
		return fmt.Errorf("bus: trim partition %d: %w", partition, err)
	}
	return nil
}

// firstSince finds the stream sequence of a partition's first message at or after a time, 0 when there is none.
func (b *Bus) firstSince(ctx context.Context, partition int, since time.Time) (uint64, error) {
	consumer, err := b.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject: sessionSubject(partition, "*"), AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
		DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &since, InactiveThreshold: 10 * time.Second,
	})
	if err != nil {
		return 0, fmt.Errorf("bus: find the first message since a time: %w", err)
	}
	batch, err := consumer.FetchNoWait(1)
	if err != nil {
		return 0, fmt.Errorf("bus: find the first message since a time: %w", err)
	}
	var first uint64
	for m := range batch.Messages() {
		if meta, err := m.Metadata(); err == nil && first == 0 {
			first = meta.Sequence.Stream
		}
	}
	if err := b.stream.DeleteConsumer(ctx, consumer.CachedInfo().Name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return 0, fmt.Errorf("bus: find the first message since a time: %w", err)
	}
	return first, batch.Error()
}

// Erase overwrites every message of a session with random bytes and removes it.
func (b *Bus) Erase(ctx context.Context, subject, session string) error {
	return b.erase(ctx, sessionSubject(PartitionOf(subject), session), ^uint64(0))
}

// EraseErasures does the same to a partition's requests for erasure, and to corrections, up to a stream sequence: they name
// a subject. The caller has folded and stored everything up to there.
func (b *Bus) EraseErasures(ctx context.Context, partition int, through uint64) error {
	return b.erase(ctx, sessionSubject(partition, erasure), through)
}

func (b *Bus) erase(ctx context.Context, subject string, through uint64) error {
	for next := uint64(1); ; {
		m, err := b.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) || (err == nil && m.Sequence > through) {
			return nil
		}
		if err == nil {
			next = m.Sequence + 1
			err = b.stream.SecureDeleteMsg(ctx, m.Sequence)
		}
		if err != nil {
			return fmt.Errorf("bus: erase: %w", err)
		}
	}
}

// SkipTo makes sure that the next message's stream sequence lies above `applied`. A stream that was lost or cut short
// begins anew below the checkpoints; without this, what it then takes in would pass for applied. It reports whether it
// had to: messages that were acknowledged and not yet applied may then be lost.
func (b *Bus) SkipTo(ctx context.Context, applied uint64) (skipped bool, err error) {
	u, err := b.Usage(ctx)
	if err != nil || u.LastSequence >= applied {
		return false, err
	}
	if err := b.stream.Purge(ctx, jetstream.WithPurgeSequence(applied+1)); err != nil {
		return false, fmt.Errorf("bus: skip to stream sequence %d: %w", applied, err)
	}
	return true, nil
}
