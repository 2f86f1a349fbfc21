// SPDX-License-Identifier: BSD-2-Clause
/*
 * The doorbell protocol of smp/doorbell.c, for spin. Senders signal lines; one receiving kernel is
 * rung, collects, delivers, and masks each delivered line until its user acknowledges. Either side
 * may be restarted between any two of its steps. docs/cross-core.md explains the steps [S..],
 * [R..], [B].
 *
 * Checked: no signal is lost (when all is quiet, every line has been delivered since its last send,
 * together with what the sender wrote before), none is duplicated (never more deliveries than
 * sends), none is left unringed (all is quiet only when words and summary are empty; also no
 * deadlock).
 *
 * Configuration, by -D:
 *   SENDERS, SENDS        how many, and how many sends each
 *   SHARED                1: all in one way, as callers of one kernel that take turns at every
 *                         step (harder than reality, where a send is not interrupted);
 *                         0: each sender is a kernel with its own way
 *   RINGS                 1: one pending bit for everybody (SSWI); 0: one for each way (IMSIC)
 *   WORDS, LINES          words in a way, lines in a word
 *   SENDER_RESTARTS, RECEIVER_RESTARTS   how many in all
 *   PARKS                 1: a receiver that dies parks, and only a signal starts it over
 * Faults, to see that the check can fail (tests/model/run_spin.sh expects an error for each):
 *   DROP_S1 DROP_S2 DROP_S3 DROP_R0 DROP_R1 DROP_R2
 *                         a fence is missing, so the two accesses around it may swap
 *   DROP_SENDER_REPAIR DROP_RECEIVER_REPAIR
 *                         a restarted kernel does not look at what it left
 *   DROP_PARK_LOOK        a kernel parks without looking for signals whose rings it dropped
 *   DUPLICATE             the receiver reads words without clearing them
 */

#if SHARED
#define WAYS 1
#define WAY(s) 0
#else
#define WAYS SENDERS
#define WAY(s) (s)
#endif

#if RINGS == 1
#define BELLS 1
#define BELL(way) 0
#else
#define BELLS WAYS
#define BELL(way) (way)
#endif

#define ALL_WORDS ((1 << WORDS) - 1)
#define WORD(way, w) ((way) * WORDS + (w))
/* A line, counted over all ways. */
#define LINE(way, w, b) (WORD(way, w) * LINES + (b))
#define TOTAL (WAYS * WORDS * LINES)
/* What sender s knows of line l: each sender writes its own data. */
#define DATA(s, l) ((s) * TOTAL + (l))

/* Shared memory. */
byte summary[WAYS];
byte word[WAYS * WORDS];
byte data[SENDERS * TOTAL]; /* what the sender wrote for the line: a count */

/* The doorbell: a store takes time to arrive. */
byte posted[BELLS];
bool pending[BELLS];
bool accepting = true;

/* Observer's knowledge, no part of the protocol. */
byte sent[SENDERS * TOTAL]; /* data of the last send that took effect */
byte sends[TOTAL];          /* sends that took effect */
byte taken[SENDERS * TOTAL]; /* data seen when the line was last collected */
byte delivered[TOTAL];
byte done;
byte sender_restarts = SENDER_RESTARTS;
byte receiver_restarts = RECEIVER_RESTARTS;

/* ---- Sending --------------------------------------------------------------------------------- */

#if SENDER_RESTARTS
#define SENDER_STEP if \
    :: atomic { sender_restarts > 0 -> sender_restarts-- }; goto reborn \
    :: true \
    fi
#else
#define SENDER_STEP skip
#endif

#define WRITE_DATA data[DATA(me, line)] = count
#define SET_WORD atomic { \
        already = (word[WORD(way, w)] >> b) & 1; \
        word[WORD(way, w)] = word[WORD(way, w)] | (1 << b); \
        sent[DATA(me, line)] = count; \
        sends[line]++; \
    }
#define SET_SUMMARY summary[way] = summary[way] | (1 << w)
#define RING posted[BELL(way)]++

active [SENDERS] proctype sender() {
    byte me = _pid;
    byte way = WAY(_pid);
    byte left = SENDS;
    byte count, line, w, b;
    bool already;

again:
    do
    :: left == 0 -> break
    :: left > 0 ->
        left--;
        count++;
        already = false;
        select(w : 0 .. WORDS - 1);
        select(b : 0 .. LINES - 1);
        line = LINE(way, w, b);
#ifdef DROP_S1
        SET_WORD;
        SENDER_STEP;
        WRITE_DATA;
#else
        WRITE_DATA; /* [S1] */
        SENDER_STEP;
#ifndef DROP_S2
        SET_WORD;
        SENDER_STEP;
#endif
#endif
        if
        :: already -> skip /* [S4] */
        :: else ->
#if defined(DROP_S2)
            SET_SUMMARY;
            SET_WORD;
            if :: already -> goto again :: else fi;
            RING;
#elif defined(DROP_S3)
            RING;
            SET_SUMMARY;
#else
            SET_SUMMARY; /* [S2] */
            SENDER_STEP;
            RING; /* [S3] */
#endif
            SENDER_STEP
        fi
    od;
    done++;
    goto over;

reborn: /* smp_peer_connect(): announce whatever an earlier life left [B] */
#ifndef DROP_SENDER_REPAIR
    summary[way] = ALL_WORDS;
    SENDER_STEP;
    RING;
#endif
    goto again;

over:
    skip
}

/* A store arrives. Nobody hears it while the receiver restarts. */
active proctype device() {
    byte bell;

end:
    do
    :: atomic { bell < BELLS && posted[bell] > 0 ->
            posted[bell]--;
            pending[bell] = pending[bell] || accepting;
        }
#if BELLS > 1
    :: atomic { bell = (bell + 1) % BELLS }
#endif
    od
}

/* ---- Receiving ------------------------------------------------------------------------------- */

#if PARKS
#define DEAD parked
#define HEARD (pending[0] || pending[BELLS - 1] || pending[BELLS / 2])
#else
#define DEAD reborn
#endif

#if RECEIVER_RESTARTS
#define RECEIVER_STEP if \
    :: atomic { receiver_restarts > 0 -> receiver_restarts-- }; goto DEAD \
    :: true \
    fi
#else
#define RECEIVER_STEP skip
#endif

#define HELD(l) ((held >> (l)) & 1)
#define MASKED(l) ((masked >> (l)) & 1)

#define SEE_DATA(l) for (s : 0 .. SENDERS - 1) { \
        if \
        :: WAY(s) == way -> taken[DATA(s, l)] = data[DATA(s, l)] \
        :: else \
        fi \
    }

/* Swap one word with 0, keep its lines, and read what their senders wrote. */
inline collect_word() {
#ifdef DROP_R2
    atomic {
        for (b : 0 .. LINES - 1) {
            if
            :: true -> SEE_DATA(LINE(way, w, b))
            fi
        }
    }
#endif
    atomic {
        for (b : 0 .. LINES - 1) {
            if
            :: (word[WORD(way, w)] >> b) & 1 ->
                held = held | (1 << LINE(way, w, b));
#ifndef DROP_R2
                SEE_DATA(LINE(way, w, b)) /* [R2] */
#endif
            :: else
            fi
        }
#ifndef DUPLICATE
        word[WORD(way, w)] = 0;
#endif
        b = 0;
        s = 0
    }
}

inline deliver(l) {
    atomic {
        held = held & ~(1 << (l));
        masked = masked | (1 << (l));
        delivered[l]++;
        assert(delivered[l] <= sends[l])
    }
}

inline deliver_all() {
    line = 0;
    do
    :: line == TOTAL -> break
    :: line < TOTAL ->
        if
        :: HELD(line) && !MASKED(line) -> deliver(line)
        :: else
        fi;
        line++;
        RECEIVER_STEP
    od
}

#if BELLS == 1
#define QUIET (posted[0] == 0 && !pending[0])
#elif BELLS == 2
#define QUIET (posted[0] + posted[1] == 0 && !pending[0] && !pending[1])
#else
#define QUIET (posted[0] + posted[1] + posted[2] == 0 && !pending[0] && !pending[1] && !pending[2])
#endif

active proctype receiver() {
    byte held, masked; /* bits by line */
    byte way, w, b, s, bell, line, words;

idle:
    do
    :: pending[bell] ->
#ifndef DROP_R0
        pending[bell] = false; /* the claim; [R0] keeps everything below behind it */
        RECEIVER_STEP;
#endif
        way = 0;
        do
        :: way == WAYS -> break
        :: way < WAYS && BELL(way) != bell -> way++
        :: way < WAYS && BELL(way) == bell ->
#ifdef DROP_R1
            words = summary[way];
#else
            atomic { words = summary[way]; summary[way] = 0 } /* [R1] */
#endif
            RECEIVER_STEP;
            w = 0;
            do
            :: w == WORDS -> break
            :: w < WORDS ->
                if
                :: (words >> w) & 1 -> collect_word()
                :: else
                fi;
                w++;
                RECEIVER_STEP
            od;
#ifdef DROP_R1
            summary[way] = 0;
#endif
            way++
        od;
        atomic { way = 0; w = 0; words = 0 }
#ifdef DROP_R0
        pending[bell] = false;
#endif
        deliver_all();
        line = 0
#if BELLS > 1
    :: !pending[bell] && (pending[(bell + 1) % BELLS] || pending[(bell + 2) % BELLS]) ->
        bell = (bell + 1) % BELLS
#endif
    :: masked != 0 -> /* a user acknowledges some line */
        select(line : 0 .. TOTAL - 1);
        if
        :: MASKED(line) ->
            masked = masked & ~(1 << line);
            if
            :: HELD(line) -> deliver(line)
            :: else
            fi
        :: else
        fi;
        line = 0
    :: masked == 0 && done == SENDERS && QUIET -> break
    od;

    /* Everything that was sent has been delivered, and nothing is left anywhere. */
    assert(held == 0);
    atomic {
        for (way : 0 .. WAYS - 1) {
            assert(summary[way] == 0);
            for (w : 0 .. WORDS - 1) {
                assert(word[WORD(way, w)] == 0)
            }
        }
        for (s : 0 .. SENDERS * TOTAL - 1) {
            assert(taken[s] >= sent[s])
        }
    }
    goto over;

#if PARKS
parked: /* kernel_panic(): drop the rings, then look whether a signal came with them [P] */
    atomic {
        held = 0; masked = 0; w = 0; b = 0; s = 0; line = 0; words = 0;
        for (bell : 0 .. BELLS - 1) {
            pending[bell] = false
        }
        bell = 0;
        way = 0
    }
#ifndef DROP_PARK_LOOK
    do
    :: way == WAYS * WORDS -> break
    :: way < WAYS * WORDS && word[way] != 0 -> goto reborn
    :: way < WAYS * WORDS && word[way] == 0 -> way++
    od;
#endif
    if
    :: HEARD -> goto reborn
    :: !HEARD && done == SENDERS && QUIET ->
        /* It sleeps, and nobody is going to wake it: nobody waits for it either. */
        atomic {
            for (way : 0 .. WAYS * WORDS - 1) {
                assert(word[way] == 0)
            }
            for (s : 0 .. SENDERS * TOTAL - 1) {
                assert(taken[s] >= sent[s])
            }
        }
        goto over
    fi;
#endif

reborn: /* what this life had collected dies with it; the page is for the next life [B] */
    accepting = false;
    atomic {
        held = 0; masked = 0; way = 0; w = 0; b = 0; s = 0; line = 0; words = 0;
        for (bell : 0 .. BELLS - 1) {
            pending[bell] = false
        }
        bell = 0
    }
    accepting = true;
#ifndef DROP_RECEIVER_REPAIR
    do
    :: way == WAYS -> break
    :: way < WAYS ->
        summary[way] = 0;
        RECEIVER_STEP;
        w = 0;
        do
        :: w == WORDS -> break
        :: w < WORDS -> collect_word(); w++; RECEIVER_STEP
        od;
        way++
    od;
    atomic { way = 0; w = 0 }
    deliver_all();
    line = 0;
#endif
    goto idle;

over:
    skip
}
