// SPDX-License-Identifier: MIT
import board from './en/board.json';
import call from './en/call.json';
import chat from './en/chat.json';
import common from './en/common.json';
import music from './en/music.json';
import page from './en/page.json';
import people from './en/people.json';
import room from './en/room.json';
import study from './en/study.json';

export default { ...common, ...chat, ...room, ...people, ...page, ...study, ...call, ...music, ...board };
